"use strict";
// The page's only script, made of the files of this folder in their order.
// HTML comes from the server, already escaped; nothing typed is ever made into
// HTML here, and nothing typed is stored.

const $ = (id) => document.getElementById(id);
const here = () => document.body.dataset; // user, place, mark
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const path = (what) => `/as/${encodeURIComponent(here().user)}/${what}`;

// trouble shows a line above the composer until the next thing works.
function trouble(line) {
  const p = $("trouble");
  if (p && p.textContent !== line) p.textContent = line;
}

// post sends a gesture and returns the answer, or null after telling why not.
// Its id is made once, so that trying again is the same gesture.
async function post(to, gesture, tell = trouble) {
  const body = JSON.stringify({ id: crypto.randomUUID(), place: here().place, zone, locale: navigator.language, ...gesture });
  for (let tries = 1; ; tries++) {
    try {
      const answer = await fetch(to, { method: "POST", headers: { "Content-Type": "application/json" }, body });
      if (answer.ok) {
        const out = await answer.json();
        tell("");
        return out;
      }
      const line = (await answer.text()).trim();
      if (answer.status === 409 && tries === 1 && (await load(location.href, false))) continue;
      tell(line);
      return null;
    } catch {
      if (tries === 3) {
        tell("Rapport cannot be reached. Is it still running? Your words are still here.");
        return null;
      }
      await pause(500 * tries);
    }
  }
}

// over holds the ids of items that were replaced or removed, in case they are
// told of late.
const over = new Set();

// apply makes the change that an event asks for. Mine says that a gesture of
// this page led to it.
function apply(event, mine = false) {
  if (event.kind === "clock") setClock(event.now);
  if (event.kind !== "item") return;
  if (event.place !== here().place) {
    if (event.html && !event.replace) markUnread(event.place);
    return;
  }
  for (const id of [event.remove, event.replace]) if (id) over.add(id);
  if (event.remove) $(event.remove)?.remove();
  if (!event.html || $(event.id) || over.has(event.id)) return;
  const low = nearEnd();
  const item = fromHTML(event.html);
  const old = event.replace && $(event.replace);
  const hadFocus = old && old.contains(document.activeElement);
  if (old) old.replaceWith(item);
  else $("items").append(item);
  localise(item);
  divide();
  if (hadFocus) item.firstElementChild.focus({ preventScroll: true });
  if (mine || hadFocus || low) reveal(item);
  else $("newer").hidden = false;
  if (!item.classList.contains("typed")) announce(item.querySelector(".body").innerText);
}

function fromHTML(html) {
  const t = document.createElement("template");
  t.innerHTML = html;
  return t.content.querySelector("li, form");
}

function nearEnd() {
  const s = $("scroll");
  return s.scrollHeight - s.scrollTop - s.clientHeight < 120;
}

function toEnd() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
}

// A pane that shows its end goes on showing it when it becomes lower.
let atEnd = true;
const shrunk = new ResizeObserver(() => atEnd && toEnd());

function scrolled() {
  atEnd = nearEnd();
  if (atEnd) $("newer").hidden = true;
}

function reveal(item) {
  item.scrollIntoView({ block: item.offsetHeight > $("scroll").clientHeight ? "start" : "nearest" });
  atEnd = nearEnd(); // now: a pane that changes its height would go to the end before the scroll event says so
}

// announce has a screen reader say what came.
function announce(words) {
  const text = words.replace(/\s+/g, " ").trim();
  $("live").textContent = text.length > 400 ? text.slice(0, 400) + "…" : text;
}

function markUnread(place) {
  const link = document.querySelector(`.side a[data-place="${CSS.escape(place)}"]`);
  if (!link) return;
  const badge = link.querySelector(".unread");
  const n = (parseInt(badge.textContent, 10) || 0) + 1;
  badge.textContent = n > 9 ? "9+" : String(n);
  badge.hidden = false;
  link.classList.add("new");
  link.querySelector(".unread-words").textContent = "unread";
  announce(`New message in ${link.querySelector(".label").textContent}`);
}

const shapes = {
  time: { hour: "2-digit", minute: "2-digit" },
  moment: { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" },
  day: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};
const shaped = (date, shape) => new Intl.DateTimeFormat("en-GB", shapes[shape]).format(date);

// localise shows the instants in root in this browser's zone.
function localise(root) {
  for (const t of root.querySelectorAll("time[data-form]")) {
    const at = new Date(t.dateTime);
    t.textContent = shaped(at, t.dataset.form);
    t.title = `${shaped(at, "day")}, ${shaped(at, "time")}`;
  }
}

// divide puts a line with the date between messages of different days.
function divide() {
  let last = "";
  for (const old of document.querySelectorAll("#items > .day")) old.remove();
  for (const item of document.querySelectorAll("#items > .item")) {
    const day = shaped(new Date(item.dataset.at), "day");
    if (day !== last) {
      const line = document.createElement("li");
      line.className = "day";
      line.append(document.createElement("span"));
      line.firstChild.textContent = last = day;
      item.before(line);
    }
  }
}

// press does what a control of a message asks for, once at a time.
async function press(button, action) {
  const item = button.closest(".item");
  if (item.ariaBusy === "true") return;
  const controls = item.querySelectorAll("button, select");
  busy(item, controls, true);
  // However fast the answer is, a held key does not press twice.
  const [out] = await Promise.all([post(path("press"), { item: item.id, action }), pause(300)]);
  busy(item, controls, false);
  show(out, item.id);
}

// busy marks controls as waiting. They keep the focus, which disabled ones lose.
function busy(area, controls, on) {
  area.ariaBusy = String(on);
  for (const c of controls) c.ariaDisabled = String(on);
}

// show does everything an answer asks for.
function show(out, item) {
  if (!out) return;
  for (const event of out.events || []) apply(event, true);
  if (out.form) openSheet(fromHTML(out.form), item);
}

let pressed = -1e9; // when a message's control was last pressed

document.addEventListener("click", (e) => {
  const button = e.target.closest("button");
  if (!button) return;
  if (button.closest(".item")) {
    const second = e.detail > 1 && e.timeStamp - pressed < 600; // of a double click
    pressed = e.timeStamp;
    if (second) return;
  }
  const d = button.dataset;
  if (d.do && button.closest(".item")) press(button, d.do);
  else if ("pick" in d) press(button, button.closest(".choices").querySelector("select").value);
  else if ("open" in d) openSheet(button.closest(".item").querySelector("template").content.querySelector("form").cloneNode(true), button.closest(".item").id);
  else if (d.ask) say(d.ask);
  else if (d.fill) fill(d.fill);
  else if (d.to) moveClock(d.to);
  else if (button.id === "newer") toEnd();
});
