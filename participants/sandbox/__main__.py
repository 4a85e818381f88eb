import sys

from participants.sandbox.server import main

sys.exit(main())
