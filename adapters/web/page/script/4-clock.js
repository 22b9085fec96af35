
// The coach's clock. It runs like any clock and can be moved forward.

let clockAt = 0; // the coach's time in ms
let clockSince = 0; // when this page heard it

function setClock(now) {
  clockAt = Date.parse(now);
  clockSince = Date.now();
  $("clock").dataset.now = now;
  tick();
}

function tick() {
  const now = new Date(clockAt + Date.now() - clockSince);
  const time = $("now");
  const day = shaped(now, "day");
  const words = `${day}, ${shaped(now, "time")}`;
  if (time.dataset.words === words) return;
  time.dataset.words = words;
  time.dateTime = now.toISOString();
  const b = document.createElement("b");
  b.textContent = shaped(now, "time");
  const where = document.createElement("span");
  where.className = "zone";
  where.textContent = zone.replaceAll("_", " ");
  time.replaceChildren(`${day} `, b, " ", where);
  const wall = new Date(now.getTime() - now.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  $("goto-at").min = wall;
  if (!$("goto-at").value || $("goto-at").value < wall) $("goto-at").value = wall;
}

async function moveClock(to) {
  const bar = $("clock");
  if (bar.ariaBusy === "true") return;
  const controls = bar.querySelectorAll("button");
  busy(bar, controls, true);
  $("way").textContent = "Moving the clock…";
  const tell = (line) => { $("way").textContent = line; };
  const [out] = await Promise.all([post(path("clock"), { to }, tell), pause(300)]);
  busy(bar, controls, false);
  if (!out) return;
  for (const event of out.events) apply(event);
  tell(out.line);
}
