
// Forms, in a modal dialog. What is typed into one that is left is kept in this
// page until it is sent.

const drafts = new Map();

function openSheet(form, item) {
  const dialog = $("dialog");
  if (dialog.open) keepDraft();
  form.dataset.item = item || "";
  form.dataset.user = here().user;
  dialog.replaceChildren(form);
  dialog.setAttribute("aria-labelledby", "sheet-title");
  restore(form, drafts.get(draftKey(form)));
  if (!dialog.open) dialog.showModal();
  (form.querySelector("input:checked, input:not([type=radio]):not([type=checkbox]), textarea, select, input") || form).focus();
}

const draftKey = (form) => `${form.dataset.user} ${form.dataset.do}`;

// collect returns the answers of form by name; several picks are joined by commas.
function collect(form) {
  const answers = {};
  for (const field of form.querySelectorAll("[data-name]")) {
    const inputs = [...field.querySelectorAll("input, textarea, select")];
    const picks = field.tagName === "FIELDSET";
    answers[field.dataset.name] = (picks ? inputs.filter((i) => i.checked) : inputs).map((i) => i.value).join(",");
  }
  return answers;
}

function restore(form, answers) {
  for (const [name, value] of Object.entries(answers || {})) {
    const field = form.querySelector(`[data-name="${CSS.escape(name)}"]`);
    if (!field) continue;
    const picked = value.split(",");
    for (const i of field.querySelectorAll("input, textarea, select")) {
      if (field.tagName === "FIELDSET") i.checked = picked.includes(i.value);
      else i.value = value;
    }
  }
}

function keepDraft() {
  const form = $("dialog").querySelector("form");
  if (form) drafts.set(draftKey(form), collect(form));
}

// fault shows line beside the field of that name, or above all fields.
function fault(form, name, line) {
  const field = form.querySelector(`[data-name="${CSS.escape(name)}"]`);
  const p = field ? field.querySelector(".fault") : form.querySelector(".fault.general");
  p.textContent = line;
  p.hidden = line === "";
  if (!field) return null;
  const controls = field.querySelectorAll("input, textarea, select");
  for (const c of controls) c.ariaInvalid = String(line !== "");
  return controls[0];
}

async function submitSheet(form) {
  if (form.ariaBusy === "true") return;
  const controls = form.querySelectorAll("button");
  busy(form, controls, true);
  const { do: action, item } = form.dataset;
  const [out] = await Promise.all([post(path("answer"), { action, item, answers: collect(form) }, (line) => fault(form, "", line)), pause(300)]);
  busy(form, controls, false);
  if (!out) return;
  for (const field of form.querySelectorAll("[data-name]")) fault(form, field.dataset.name, "");
  if (out.faults) {
    const wrong = Object.entries(out.faults).map(([name, line]) => fault(form, name, line));
    const inOrder = [...form.querySelectorAll("[aria-invalid=true]")];
    (inOrder[0] || wrong.find(Boolean))?.focus();
    return;
  }
  drafts.delete(draftKey(form));
  $("dialog").close();
  show(out, item);
}

document.addEventListener("submit", (e) => {
  e.preventDefault();
  const form = e.target;
  if (form.classList.contains("sheet")) submitSheet(form);
  else if (form.id === "composer-form") send();
  else if (form.id === "goto") moveClock($("goto-at").value);
  else if (form.id === "join") joinTeam();
});

$("dialog").addEventListener("cancel", keepDraft);
$("dialog").addEventListener("click", (e) => {
  if (!e.target.closest("[data-cancel]")) return;
  keepDraft();
  $("dialog").close();
});
$("dialog").addEventListener("close", () => {
  $("dialog").replaceChildren();
  $("dialog").removeAttribute("aria-labelledby");
  if (document.activeElement === document.body) $("composer").focus();
});
$("dialog").addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) e.target.form?.requestSubmit();
});
