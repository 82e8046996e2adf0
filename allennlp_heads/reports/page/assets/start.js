// Draws everything once, keeps it as wide as the page, and looks after folds and contents.

async function start() {
  for (const box of document.querySelectorAll("main .scroll")) watchWidth(box);
  const gridFigures = document.querySelectorAll("figure.grids");
  collectGrids(gridFigures);
  const drawn = [...gridFigures].map((figure) => new HeadGrids(figure));
  for (const figure of document.querySelectorAll("figure.sentences")) new SentenceArcs(figure);
  for (const figure of document.querySelectorAll("figure.chart")) await drawChart(figure);
  document.documentElement.dataset.drawn = "yes";
  let width = room();
  new ResizeObserver(() => requestAnimationFrame(() => {
    if (room() === width) return;
    width = room();
    for (const one of drawn) one.draw();
    resizeCharts();
  })).observe(content);
}

// A link into something folded opens it.
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const fold = target && target.querySelector(":scope > details.fold");
  if (fold) fold.open = true;
}

// Paper cannot be unfolded: everything is before, and folded again after.
function forPaper() {
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main details.fold:not([open])")];
    for (const fold of opened) fold.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const fold of opened) fold.open = false;
  });
}

// Which section is being read.
function follow() {
  const links = new Map([...document.querySelectorAll("nav ul ul a")].map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((one) => one.isIntersecting)) {
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id).setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-5% 0px -80% 0px" });
  for (const id of links.keys()) seen.observe(document.getElementById(id));
}

const contents = document.querySelector(".contents");
if (window.matchMedia("(max-width: 62rem)").matches) contents.open = false;
window.addEventListener("hashchange", unfold);
unfold();
forPaper();
follow();
start();
