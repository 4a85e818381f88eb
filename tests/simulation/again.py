"""`python -m tests.simulation.again SEED STEPS PROVIDER` plays one story of the simulation alone."""

import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    os.environ["EARSHOT_TIME_SCALE"] = "1"  # as the tests play it
    django.setup()
    from .stories import play

    seed, steps, provider = sys.argv[1:]
    play(int(seed), int(steps), provider)
    print("Nothing was wrong.")


if __name__ == "__main__":
    main()
