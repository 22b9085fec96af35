
// The composer and its popup of ways to go on.

let offers = []; // what the popup shows
let active = -1; // the marked one
let asked = 0; // numbers the questions, so that only the latest answer counts
let sent = ""; // what was sent last, for the arrow up
let entered = false; // Enter is down and was used: it makes no new line

function fill(text) {
  const box = $("composer");
  box.value = text;
  box.focus();
  grow();
  complete();
}

// grow fits the composer to its words.
function grow() {
  const box = $("composer");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
}

async function say(text) {
  const box = $("composer");
  closePopup();
  const out = await post(path("say"), { text });
  if (out) sent = text;
  else if ($("composer").value === "") fill(text); // never lose what was typed
  show(out, "");
  return box;
}

function send() {
  const box = $("composer");
  const text = box.value;
  if (!text.trim()) return;
  box.value = "";
  grow();
  say(text);
}

// complete asks for ways to go on after what is typed.
async function complete() {
  const text = $("composer").value;
  const mine = ++asked;
  const low = text.toLowerCase();
  if (!text.startsWith("/") || text.includes("\n")) return closePopup();
  const left = offers.filter((o) => o.value.toLowerCase().startsWith(low) && o.value !== text);
  if (left.length < offers.length) offer(left); // what no longer fits goes at once
  if (low.length < 8 && "/rapport".startsWith(low)) return offer([{ value: "/rapport ", label: "talk to the coach" }]);
  if (low !== "/rapport" && !low.startsWith("/rapport ")) return closePopup();
  await pause(50);
  if (mine !== asked) return;
  const found = await post(path("complete"), { text }, () => {});
  if (mine !== asked || $("composer").value !== text) return;
  offer((found || []).filter((o) => o.value !== text));
}

function offer(found) {
  const popup = $("popup");
  const marked = offers[active]?.value; // stays marked if it is still there
  offers = found;
  popup.replaceChildren(...found.map((o, i) => {
    const li = document.createElement("li");
    li.id = `offer-${i}`;
    li.role = "option";
    li.ariaSelected = "false";
    const value = document.createElement("b");
    value.textContent = o.value;
    li.append(value, " ");
    const label = document.createElement("span");
    label.textContent = o.label;
    li.append(label);
    return li;
  }));
  popup.hidden = found.length === 0;
  $("composer").ariaExpanded = String(found.length > 0);
  mark(found.findIndex((o) => o.value === marked));
}

function mark(i) {
  active = i;
  const rows = $("popup").children;
  for (const row of rows) row.ariaSelected = "false";
  if (i < 0) return $("composer").removeAttribute("aria-activedescendant");
  rows[i].ariaSelected = "true";
  rows[i].scrollIntoView({ block: "nearest" });
  $("composer").setAttribute("aria-activedescendant", rows[i].id);
}

function closePopup() {
  asked++;
  if (!$("popup").hidden) offer([]);
}

function pick(i) {
  const value = offers[i].value;
  closePopup();
  $("composer").value = value;
  $("composer").focus();
  grow();
  if (value.endsWith(" ")) complete();
}

document.addEventListener("keydown", (e) => {
  const box = $("composer");
  if (e.target !== box || e.isComposing) return;
  entered = e.key === "Enter" && !e.shiftKey;
  const open = !$("popup").hidden;
  const n = offers.length;
  if (open && e.key === "ArrowDown") mark(active + 1 < n ? active + 1 : -1);
  else if (open && e.key === "ArrowUp") mark(active < 0 ? n - 1 : active - 1);
  else if (open && e.key === "Tab" && !e.shiftKey) pick(Math.max(active, 0));
  else if (open && e.key === "Escape") closePopup();
  else if (open && active >= 0 && e.key === "Enter") pick(active);
  else if (e.key === "Enter" && !e.shiftKey) {
    if (!e.repeat) send();
  } else if (e.key === "ArrowUp" && box.value === "" && sent) fill(sent);
  else return;
  e.preventDefault();
});

document.addEventListener("beforeinput", (e) => {
  if (e.target === $("composer") && entered && /^insert(LineBreak|Paragraph)$/.test(e.inputType)) e.preventDefault();
});

document.addEventListener("input", (e) => {
  if (e.target !== $("composer")) return;
  grow();
  complete();
});

document.addEventListener("focusout", (e) => {
  if (e.target === $("composer")) closePopup();
});

document.addEventListener("pointerdown", (e) => {
  const row = e.target.closest("#popup li");
  if (!row) return;
  e.preventDefault(); // the composer keeps the focus
  pick([...row.parentElement.children].indexOf(row));
});
