package web

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// nameless lists the visible controls of the page that have no name, and what
// of its structure is broken. An empty list is what we want.
const nameless = `(() => {
	const faults = [];
	const seen = (e) => e.checkVisibility({ visibilityProperty: true }) || e.closest("dialog[open]");
	const text = (e) => (e.innerText || e.textContent || "").trim();
	for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary, dialog[open], [role=region], nav, section, img, [tabindex='0']")) {
		if (!seen(e)) continue;
		const by = (e.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)).filter(Boolean).map(text).join(" ");
		const labels = [...(e.labels || [])].map(text).join(" ");
		const own = /^(A|BUTTON|SUMMARY)$/.test(e.tagName) ? text(e) : "";
		if (!(e.ariaLabel || by || labels || own || e.getAttribute("alt"))) faults.push("no name: " + e.outerHTML.slice(0, 120));
	}
	const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
	for (const id of new Set(ids)) if (ids.filter((i) => i === id).length > 1) faults.push("id twice: " + id);
	for (const e of document.querySelectorAll("[aria-describedby], [aria-controls], [aria-labelledby], [aria-activedescendant]"))
		for (const a of ["aria-describedby", "aria-controls", "aria-labelledby", "aria-activedescendant"])
			for (const id of (e.getAttribute(a) || "").split(" ").filter(Boolean))
				if (!document.getElementById(id)) faults.push(a + " leads nowhere: " + e.outerHTML.slice(0, 120));
	for (const e of document.querySelectorAll("ul > :not(li), ol > :not(li)")) faults.push("in a list: " + e.outerHTML.slice(0, 80));
	if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
	if (!document.documentElement.lang) faults.push("no language");
	if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the window: " + document.documentElement.scrollWidth);
	return faults;
})()`

// faint lists visible words whose contrast with what is behind them is below
// 4.5:1 (3:1 for large ones). Colours behind each other are blended.
const faint = `(() => {
	const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const rgba = (css) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
	const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
	const behind = (e) => { const own = e ? rgba(getComputedStyle(e).backgroundColor) : [255, 255, 255, 1]; return own[3] === 1 || !e ? own : over(own, behind(e.parentElement)); };
	const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const faults = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const elements = new Set(document.querySelectorAll("textarea, input"));
	while (walker.nextNode()) if (walker.currentNode.data.trim()) elements.add(walker.currentNode.parentElement);
	let n = 0;
	for (const e of elements) {
		if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.closest(".hidden, noscript, script, template, [aria-disabled=true]")) continue;
		n++;
		for (const pseudo of e.placeholder ? [null, "::placeholder"] : [null]) {
			const style = getComputedStyle(e, pseudo), back = behind(e);
			const [a, b] = [light(over(rgba(style.color), back)), light(back)].sort((x, y) => y - x);
			const ratio = (a + 0.05) / (b + 0.05), size = parseFloat(style.fontSize);
			const need = size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5;
			if (ratio < need) faults.push(ratio.toFixed(2) + " " + style.color + " on " + back + ": " + (e.innerText || e.placeholder || e.outerHTML).slice(0, 60));
		}
	}
	if (n < 10) faults.push("only " + n + " pieces of text were found");
	return faults;
})()`

func (t tab) accessible(what string) {
	t.Helper()
	for _, check := range []string{nameless, faint} {
		if faults := eval[[]string](t, check); len(faults) > 0 {
			t.Errorf("%s:\n%s", what, strings.Join(faults, "\n"))
		}
	}
}

func TestBrowserIsAccessible(t *testing.T) {
	s := open(t, demo())
	s.send(general(), "nudge", nudgeMessage())
	ada := s.tab(chromium(t), "/as/ada/direct")
	still := func(what string) {
		t.Helper()
		ada.until("rest", `![...document.querySelectorAll("[aria-busy=true]")].length`)
		for _, dark := range []bool{false, true} {
			ada.dark(dark)
			ada.accessible(what + map[bool]string{false: ", light", true: ", dark"}[dark])
		}
	}
	ada.dark(false)
	still("first visit")
	ada.ask("/rapport")
	ada.ask("/rapport progress")
	ada.keys("hello" + kb.Enter)
	ada.until("a note", `document.querySelector(".item.note")`)
	ada.ask("/rapport gallery")
	still("answers")
	ada.run(chromedp.Click(`[data-do="1in:1"]`))
	ada.until("the answer", `document.body.innerText.includes("Good. When?")`)
	ada.run(chromedp.Click(`[data-do="1plan"]`))
	ada.until("the form", `dialog.open`)
	ada.run(chromedp.Click(`dialog [type=submit]`))
	ada.until("the fault", `document.querySelector("[aria-invalid=true]")`)
	still("form with a fault")
	ada.keys(kb.Escape)
	ada.run(chromedp.Click("#me summary"))
	still("people")
	ada.run(chromedp.Evaluate[chromedp.Void](`document.querySelector("h1").click()`), chromedp.Focus("#composer"))
	ada.keys("/rapport p")
	ada.until("the popup", `document.querySelectorAll("#popup li").length === 3`)
	ada.keys(kb.ArrowDown)
	still("completion")
	ada.keys(kb.Escape)
	ada.size(380, 760)
	still("narrow")
	ada.run(chromedp.Click("#menu"))
	still("narrow, menu")
	ada.keys(kb.Escape)
	if got := eval[string](ada, `document.activeElement.id`); got != "menu" {
		t.Errorf("Escape left the focus on %q, want the button that opened it", got)
	}
	ada.size(320, 600)
	still("very narrow")
	if got := eval[string](ada, `document.getElementById("live").ariaLive || live.getAttribute("aria-live")`); got != "polite" {
		t.Errorf("new messages are announced %q", got)
	}
	ada.until("what came last was announced", `live.textContent.length > 0`)
	ada.clean()
}
