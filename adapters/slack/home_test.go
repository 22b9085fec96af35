package slack

import (
	"testing"
	"time"

	"rapport/adapters/slack/slacktest"
	"rapport/coach"
)

// In the App Home pages take each other's place, everything else opens over it,
// and what was done there shows below.
func TestHome(t *testing.T) {
	t.Parallel()
	for _, pace := range []time.Duration{0, coach.AckWait + 30*time.Millisecond} {
		t.Run(pace.String(), func(t *testing.T) {
			o := openOffice(t, slacktest.Setup{})
			o.delay(pace)
			ben := o.Person("Ben")
			ben.OpenHome()
			h := ben.WaitHome("Hello, I'm Rapport.")
			if r := o.last("home"); r.At.Kind != coach.Home {
				t.Errorf("the Home is asked for at %+v", r.At)
			}
			ben.Press(h, "I'm in")
			ben.WaitModal("Good.")
			ben.WaitHome("")
			ben.CloseModal()
			ben.Press(h, "Settings")
			h = ben.WaitHome("Your settings")
			ben.Press(h, "Rhythm")
			v := ben.WaitModal("How often may I write to you?")
			ben.Submit(v, map[string]string{"rhythm": "Weekly: one question on Thursdays"})
			ben.WaitHome("Weekly")
			ben.WaitModal("Saved.")
			ben.CloseModal()
			h, _ = ben.Home()
			ben.Press(h, "Progress")
			h = ben.WaitHome("Your weeks")
			ben.Press(h, "Home")
			ben.WaitHome("This week")
			if n := len(ben.Messages()); n != 0 {
				t.Errorf("%d messages beside the Home", n)
			}
		})
	}
}
