// All of the page works without this; with it the sonar is filtered while you type, "/" goes to the search, and a change
// that is folded away is unfolded when a mark on the line points to it.
"use strict";

const WAIT = 180; // milliseconds after the last key

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
});

for (const chart of document.querySelectorAll(".chart-scroll")) chart.scrollLeft = chart.scrollWidth; // now is on the right

function unfold() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target.scrollIntoView({ block: "center" });
  if (target.matches("[tabindex]")) target.focus({ preventScroll: true });
}
addEventListener("hashchange", unfold);
unfold();

const form = document.querySelector("form[data-live]");
if (form) {
  form.classList.add("live");
  const place = form.dataset.live;
  let timer = 0;
  let latest = 0;
  const address = () => {
    const wanted = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) wanted.append(name, value);
    const said = wanted.toString();
    return said ? `${form.action}?${said}` : form.action;
  };
  const load = async () => {
    const turn = ++latest;
    const wanted = address();
    try {
      const answer = await fetch(wanted, { credentials: "same-origin" });
      if (!answer.ok || turn !== latest) return;
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(place);
      if (!found || turn !== latest) return;
      document.getElementById(place).replaceWith(document.adoptNode(found));
      history.replaceState(null, "", wanted);
    } catch {
      // The daemon is away: the button still asks, and the browser then says so.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, WAIT);
  });
}
