
// Live events, and going from pane to pane without losing what is typed.

let stream = null;
let idle = 0;
const typed = new Map(); // composer words by pane

function connect() {
  disconnect();
  const { place, mark } = here();
  const mine = new EventSource(path(`events?place=${encodeURIComponent(place)}&after=${encodeURIComponent(mark)}`));
  stream = mine;
  mine.onopen = () => trouble("");
  mine.onmessage = (e) => {
    const event = JSON.parse(e.data);
    here().mark = e.lastEventId;
    if (event.kind === "again") load(location.href, false);
    else apply(event);
  };
  mine.onerror = async () => {
    if (stream !== mine) return;
    if (mine.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    stream = null;
    await pause(1500);
    while (stream === null && !document.hidden && !(await load(location.href, false))) {
      trouble("Rapport cannot be reached. Is it still running? Trying again.");
      await pause(3000);
    }
  };
}

function disconnect() {
  stream?.close();
  stream = null;
}

// A browser has few connections for one server: a page nobody looks at gives
// its own back after a while, and catches up later.
document.addEventListener("visibilitychange", () => {
  clearTimeout(idle);
  if (document.hidden) idle = setTimeout(disconnect, 15000);
  else if (!stream) connect();
});
addEventListener("pagehide", disconnect);
addEventListener("pageshow", (e) => e.persisted && load(location.href, false));

const paneName = () => `${here().user} ${here().place}`;

// load shows the pane at url and reports whether it could.
async function load(url, go) {
  let next;
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error();
    next = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    if (go) trouble("Rapport cannot be reached. Is it still running?");
    return false;
  }
  const same = next.body.dataset.user === here().user && next.body.dataset.place === here().place;
  const hold = { top: $("scroll").scrollTop, low: nearEnd(), focus: document.activeElement?.id };
  typed.set(paneName(), $("composer").value);
  disconnect();
  if (go) history.pushState(null, "", url);
  document.title = next.title;
  Object.assign(here(), next.body.dataset);
  document.querySelector(".chat").replaceWith(next.querySelector(".chat"));
  setClock(next.getElementById("clock").dataset.now);
  start();
  if (same && !hold.low) $("scroll").scrollTop = hold.top;
  if (same && hold.focus) $(hold.focus)?.focus({ preventScroll: true });
  if (!same) {
    $("way").textContent = "";
    announce(document.querySelector("h1").innerText);
    if (!matchMedia("(pointer: coarse)").matches) $("composer").focus();
  }
  return true;
}

// start brings a fresh pane to life.
function start() {
  document.body.classList.remove("open");
  localise($("items"));
  divide();
  $("composer").value = typed.get(paneName()) || "";
  grow();
  toEnd();
  $("scroll").addEventListener("scroll", scrolled, { passive: true });
  shrunk.disconnect();
  shrunk.observe($("scroll"));
  connect();
}

async function joinTeam() {
  const out = await post("/people", { name: $("join-name").value });
  if (out) load(out.url, true);
}

function drawer(open) {
  document.body.classList.toggle("open", open);
  $("menu").ariaExpanded = String(open);
  if (open) document.querySelector(".side a").focus();
}

document.addEventListener("click", (e) => {
  const link = e.target.closest(".side a");
  if (link && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) {
    e.preventDefault();
    load(link.href, link.href !== location.href);
  } else if (e.target.closest("#menu")) drawer(!document.body.classList.contains("open"));
  else if (e.target.id === "shade") drawer(false);
  if (!e.target.closest("#me")) $("me").open = false;
});
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  if ($("me").open) {
    $("me").open = false;
    $("me").querySelector("summary").focus();
  } else if (document.body.classList.contains("open")) {
    drawer(false);
    $("menu").focus();
  }
});
addEventListener("popstate", () => load(location.href, false));

setClock($("clock").dataset.now);
setInterval(tick, 1000);
start();
if (!matchMedia("(pointer: coarse)").matches) $("composer").focus();
