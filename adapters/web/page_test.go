package web

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rapport/coach"
)

func TestBrowserCompletes(t *testing.T) {
	s := open(t, demo())
	ada := s.tab(chromium(t), "/as/ada/direct")
	ada.run(chromedp.Focus("#composer"))
	ada.keys("/r")
	ada.until("the command", `document.querySelectorAll("#popup li").length === 1`)
	ada.keys(kb.Tab)
	ada.until("its words", `document.querySelectorAll("#popup li").length === 4`)
	if got := eval[string](ada, `composer.value`); got != "/rapport " {
		t.Errorf("after Tab the composer holds %q", got)
	}
	if got := eval[string](ada, `composer.getAttribute("aria-expanded")`); got != "true" {
		t.Errorf("combobox: aria-expanded %q, want true", got)
	}
	ada.keys("p" + kb.ArrowDown)
	ada.until("fewer words", `document.querySelectorAll("#popup li").length === 3`)
	ada.keys(kb.ArrowUp + kb.ArrowDown + kb.ArrowDown)
	marked := eval[string](ada, `document.getElementById(composer.getAttribute("aria-activedescendant")).innerText`)
	ada.keys(kb.Enter)
	value := eval[string](ada, `composer.value`)
	if len(value) < len("/rapport p") || marked[:len(value)] != value {
		t.Errorf("Enter took %q, marked was %q", value, marked)
	}
	ada.run(chromedp.Evaluate[chromedp.Void](`composer.value = ""`))
	ada.keys("/rapport d")
	ada.until("one word", `document.querySelectorAll("#popup li").length === 1`)
	ada.keys(kb.Escape)
	ada.until("closed", `popup.hidden && composer.ariaExpanded === "false"`)
	if got := eval[string](ada, `composer.value`); got != "/rapport d" {
		t.Errorf("Escape left %q", got)
	}
	ada.clean()
}

func TestBrowserCountsADoubleClickOnce(t *testing.T) {
	c := demo()
	s := open(t, c)
	s.send(general(), "nudge", nudgeMessage())
	ada := s.tab(chromium(t), "/as/ada/channel/general")
	at := eval[[]float64](ada, `(r => [r.x + 9, r.y + 9])(document.querySelector('[data-do="1why"]').getBoundingClientRect())`)
	ada.run(chromedp.MouseClickXY(at[0], at[1]), chromedp.MouseClickXY(at[0], at[1], chromedp.ClickCount(2)))
	ada.until("the answer", `document.querySelector(".item.private") && document.querySelector(".item.kept").ariaBusy === "false"`)
	if got := len(c.requests("why")); got != 1 {
		t.Errorf("a double click asked the coach %d times, want 1", got)
	}
	if !c.requests("why")[0].Shared {
		t.Error("a press on a channel message was not Shared")
	}
	ada.run(chromedp.Click(`[data-do="1why"]`))
	ada.until("the second answer", `document.querySelectorAll(".item.private").length === 2`)
	if got := len(c.requests("why")); got != 2 {
		t.Errorf("two presses asked the coach %d times, want 2", got)
	}
	ada.clean()
}

func TestBrowserFillsAForm(t *testing.T) {
	c := demo()
	s := open(t, c)
	ada := s.tab(chromium(t), "/as/ada/direct")
	ada.ask("/rapport")
	ada.run(chromedp.Click(`[data-do="1in:1"]`))
	ada.until("the answer", `document.body.innerText.includes("Good. When?")`)
	ada.run(chromedp.Click(`[data-do="1plan"]`))
	ada.until("the form", `dialog.open && document.activeElement.name === "plan"`)
	ada.keys("too short")
	ada.run(chromedp.Click(`dialog [type=submit]`))
	ada.until("the fault, and the focus on it", `document.activeElement.ariaInvalid === "true"`)
	fault := eval[string](ada, `document.getElementById(document.activeElement.getAttribute("aria-describedby").split(" ").at(-1)).innerText`)
	if fault != "Please write a few words more, so that you recognise the moment." {
		t.Errorf("the fault beside the input is %q", fault)
	}
	ada.keys(kb.Escape) // and come back: what was typed is still there
	ada.until("closed", `!dialog.open`)
	ada.run(chromedp.Click(`[data-do="1plan"]`))
	ada.until("the form again", `dialog.open && document.activeElement.value === "too short"`)
	ada.keys(" no longer")
	ada.run(chromedp.Click(`dialog [value=video]`), chromedp.Click(`dialog [value="1"]`), chromedp.Click(`dialog [value="4"]`))
	ada.run(chromedp.Click(`dialog [type=submit]`))
	ada.until("the message", `!dialog.open && document.body.innerText.includes("Kept: too short no longer / video / 1,4")`)
	ada.clean()
}

func TestBrowserMovesTheClock(t *testing.T) {
	s := open(t, demo())
	s.clock.onTheWay = func(ctx context.Context, to time.Time) error {
		for key, address := range map[string]coach.Address{"c": general(), "a": direct("ada"), "b": direct("bob")} {
			if _, err := s.Send(ctx, address, key+to.String(), nudgeMessage()); err != nil {
				return err
			}
		}
		return nil
	}
	browser := chromium(t)
	ada := s.tab(browser, "/as/ada/direct")
	bob := s.tab(ada.ctx, "/as/bob/channel/general")
	ada.run(chromedp.Click(`[data-to="monday"]`))
	ada.until("the line", `way.innerText.includes("On the way")`)
	want := "It is now Monday 30 November, 09:00. On the way: 1 message in #general, 1 message in your direct messages."
	if got := eval[string](ada, `way.innerText`); got != want {
		t.Errorf("got line %q\nwant %q", got, want)
	}
	for name, tab := range map[string]tab{"ada": ada, "bob": bob} {
		tab.until("the clock of "+name, `now.innerText.includes("Monday, 30 November 2026 09:00") && now.innerText.includes("Europe/Berlin")`)
		tab.until("the message of "+name, `document.querySelectorAll(".item.kept").length === 1`)
	}
	ada.until("rest", `clock.ariaBusy === "false"`)
	ada.until("the mark at the channel", `document.querySelector('.side a[data-place="channel/general"] .unread').innerText === "1"`)
	ada.run(chromedp.SetValue("#goto-at", "2026-12-24T18:00"), chromedp.Click("#goto button"))
	ada.until("Christmas", `now.innerText.includes("24 December 2026 18:00") && clock.ariaBusy === "false"`)
	ada.run(chromedp.SetValue("#goto-at", "2026-12-01T18:00"), chromedp.Evaluate[chromedp.Void](`goto.noValidate = true`), chromedp.Click("#goto button"))
	ada.until("no way back", `way.innerText.includes("only moves forward")`)
	*ada.faults = nil // the browser notes the refusal
	ada.clean()
	bob.clean()
}

func TestBrowserByKeyboardAlone(t *testing.T) {
	c := demo()
	s := open(t, c)
	s.send(general(), "nudge", nudgeMessage())
	ada := s.tab(chromium(t), "/as/ada/channel/general")
	// focus walks with Tab until the wanted control has it.
	focus := func(what, expression string) {
		t.Helper()
		for range 60 {
			if eval[bool](ada, `(a => !!(`+expression+`))(document.activeElement)`) {
				if eval[string](ada, `getComputedStyle(document.activeElement).outlineStyle`) == "none" && eval[string](ada, `document.activeElement.id`) != "composer" {
					t.Errorf("%s: the focus cannot be seen", what)
				}
				return
			}
			ada.keys(kb.Tab)
		}
		t.Fatalf("%s is not reached with Tab", what)
	}
	focus("I'm in", `a.dataset.do === "1in:nudge"`)
	ada.keys(kb.Enter)
	ada.until("the answer", `document.body.innerText.includes("Good. When?")`)
	focus("My own words", `a.dataset.do === "1plan"`)
	ada.keys(" ")
	ada.until("the form", `dialog.open && document.activeElement.name === "plan"`)
	ada.keys("when we meet I ask")
	focus("In person", `a.value === "in_person"`)
	ada.keys(" ")
	focus("Keep it", `a.type === "submit" && a.closest("dialog")`)
	ada.keys(kb.Enter)
	ada.until("kept", `!dialog.open && document.body.innerText.includes("Kept: when we meet I ask / in_person / ")`)
	focus("the person switcher", `a.tagName === "SUMMARY"`)
	ada.keys(kb.Enter)
	focus("Bob", `a.href && a.href.includes("/as/bob/")`)
	ada.keys(kb.Enter)
	ada.until("Bob's page", `document.body.dataset.user === "bob" && document.activeElement.id === "composer"`)
	if got := eval[bool](ada, `document.body.innerText.includes("Kept:")`); got {
		t.Error("Bob sees what Ada was told privately")
	}
	ada.clean()
}

func TestBrowserSurvivesARestart(t *testing.T) {
	c := demo()
	s := open(t, c)
	ada := s.tab(chromium(t), "/as/ada/direct")
	ada.ask("/rapport progress")
	ada.run(chromedp.Focus("#composer"))
	ada.keys("half a sentence")
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	again := reopen(t, c, s.book, s.Listener.Addr().String())
	again.send(direct("ada"), "new", text("after the restart"))
	ada.until("the page again", `document.body.innerText.includes("after the restart")`)
	if got := eval[string](ada, `composer.value`); got != "half a sentence" {
		t.Errorf("the composer holds %q", got)
	}
	ada.until("the word about it", `!anew.hidden && anew.innerText.includes("started again")`)
	if got := eval[int](ada, `document.querySelectorAll(".item.private").length`); got != 0 {
		t.Errorf("%d private answers are still there", got)
	}
}

func TestBrowserLetsSomebodyElseIn(t *testing.T) {
	s := open(t, demo())
	ada := s.tab(chromium(t), "/as/ada/direct")
	ada.run(chromedp.Click("#me summary"), chromedp.SendKeys("#join-name", "Zoë O'Neill"), chromedp.Click("#join button"))
	ada.until("her page", `document.body.dataset.user === "zoë-o-neill" && document.querySelector("h2").innerText !== "" && document.body.innerText.includes("Hello, Zoë O'Neill")`)
	ada.run(chromedp.Reload())
	ada.until("her page again", `document.body.innerText.includes("Hello, Zoë O'Neill")`)
	if _, ok := s.crowd.find("zoë-o-neill"); !ok {
		t.Error("nobody was added")
	}
	ada.clean()
}

// clean fails the test if the page's console complained.
func (t tab) clean() {
	t.Helper()
	if len(*t.faults) > 0 {
		t.Errorf("the page's console: %v", *t.faults)
	}
}
