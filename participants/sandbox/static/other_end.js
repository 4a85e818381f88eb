// Asks the server for its own page each second and takes over the calls that changed.
const EVERY_MS = 1000;
const main = document.querySelector("main");
const live = document.getElementById("live");

async function follow() {
  try {
    const answer = await fetch("/", { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    patch([...page.querySelector("main").children]);
    live.textContent = "This page follows by itself.";
  } catch {
    live.textContent = "The sandbox does not answer. This page no longer follows.";
  }
}

function patch(wanted) {
  const present = new Map([...main.children].map((card) => [card.id, card]));
  const kept = wanted.map((card) => {
    const old = present.get(card.id);
    return old && old.isEqualNode(card) ? old : document.adoptNode(card);
  });
  if (kept.length !== main.children.length || kept.some((card, at) => card !== main.children[at])) {
    main.replaceChildren(...kept);
  }
}

setInterval(() => {
  if (!document.hidden) follow();
}, EVERY_MS);
