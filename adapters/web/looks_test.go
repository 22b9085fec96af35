package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// TestBrowserLooks goes through what a person sees and leaves pictures of it.
func TestBrowserLooks(t *testing.T) {
	s := open(t, demo())
	browser := chromium(t)
	s.send(general(), "nudge", nudgeMessage())
	ada := s.tab(browser, "/as/ada/direct")
	ada.dark(false)
	ada.shot("1-welcome-light")
	ada.ask("/rapport")
	ada.ask("/rapport progress")
	ada.shot("2-direct-light")
	ada.dark(true)
	ada.shot("3-direct-dark")
	ada.run(chromedp.Click(`[data-do="1in:1"]`))
	ada.until("the answer in its place", `document.body.innerText.includes("Good. When?")`)
	ada.run(chromedp.Click(`[data-do="1plan"]`))
	ada.until("the form", `document.querySelector("dialog").open`)
	ada.run(chromedp.Click(`dialog .primary`))
	ada.until("the fault", `document.querySelector("[aria-invalid=true]")`)
	ada.shot("4-form-dark")
	ada.dark(false)
	ada.shot("5-form-light")
	ada.keys(kb.Escape)
	ada.run(chromedp.Click(`.side a[data-place="channel/general"]`))
	ada.until("the channel", `document.title.startsWith("#general")`)
	ada.run(chromedp.Click(`[data-do="1why"]`))
	ada.until("the answer", `document.querySelector(".item.private")`)
	ada.run(chromedp.Focus("#composer"))
	ada.keys("/rapport p")
	ada.until("the popup", `document.querySelectorAll("#popup li").length === 3`)
	ada.keys(kb.ArrowDown)
	ada.shot("6-channel-light")
	ada.dark(true)
	ada.shot("7-channel-dark")
	ada.keys(kb.Escape)
	ada.run(chromedp.Click("#me summary"))
	ada.shot("8-people-dark")
	ada.dark(false)
	ada.shot("9-people-light")
	ada.size(380, 760)
	ada.shot("10-narrow-light")
	ada.run(chromedp.Click("#menu"))
	ada.dark(true)
	ada.shot("11-narrow-menu-dark")
	for name, m := range coachtest.Gallery() {
		s.send(coach.ChannelOf(TeamOf("Demo"), "random"), name, m)
	}
	ada.run(chromedp.Navigate(s.base + "/as/ada/channel/random"))
	for _, width := range []int64{900, 380} {
		for _, dark := range []bool{false, true} {
			ada.size(width, 5200)
			ada.dark(dark)
			ada.shot(fmt.Sprintf("12-gallery-%d-dark-%v", width, dark))
			ada.accessible("gallery")
		}
	}
	if len(*ada.faults) > 0 {
		t.Errorf("the page's console: %v", *ada.faults)
	}
}
