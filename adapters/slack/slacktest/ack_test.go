package slacktest

import (
	"encoding/json"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"
)

// answering is a transport whose app always acknowledges with body.
func answering(body string) Transport {
	return deliver(func(k Kind, p map[string]any) Answer {
		return Answer{Kind: k, Payload: p, JSON: true, Body: []byte(body)}
	})
}

// formOf opens the form for Anna.
func formOf(t *testing.T, s *Slack) View {
	t.Helper()
	raw, err := json.Marshal(form())
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.push("U0ANNA", "T0LIGHT", v).copy()
}

// A submission's acknowledgement that Slack cannot use is a violation, and the
// person is told that something went wrong.
func TestAcknowledgementsOfForms(t *testing.T) {
	view := `{"type":"modal","title":{"type":"plain_text","text":"Next"},"blocks":[{"type":"divider"}]}`
	for _, test := range []struct {
		name, ack string
		wrong     bool
		open      int
		title     string
	}{
		{"empty", ``, false, 0, ""},
		{"empty object", `{}`, false, 0, ""},
		{"clear", `{"response_action":"clear"}`, false, 0, ""},
		{"errors", `{"response_action":"errors","errors":{"note":"No"}}`, false, 1, "A note"},
		{"update", `{"response_action":"update","view":` + view + `}`, false, 1, "Next"},
		{"push", `{"response_action":"push","view":` + view + `}`, false, 2, "Next"},
		{"no JSON", `oops`, true, 1, "A note"},
		{"unknown action", `{"response_action":"open"}`, true, 1, "A note"},
		{"error of no input", `{"response_action":"errors","errors":{"other":"No"}}`, true, 1, "A note"},
		{"errors without any", `{"response_action":"errors"}`, true, 1, "A note"},
		{"bad view", `{"response_action":"update","view":{"type":"modal","blocks":[]}}`, true, 1, "A note"},
		{"home in a modal", `{"response_action":"update","view":{"type":"home","blocks":[]}}`, true, 1, "A note"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := New(t, Setup{})
			s.Use(answering(test.ack))
			anna := s.Person("Anna")
			a := anna.Submit(formOf(t, s), map[string]string{"Note": "a", "Day": "Monday"})
			if got := len(s.Violations()) > 0; got != test.wrong || (a.Error != "") != test.wrong || (len(anna.Errors()) > 0) != test.wrong {
				t.Errorf("got %v, error %q and %q shown, want wrong %v", s.Violations(), a.Error, anna.Errors(), test.wrong)
			}
			v, _ := anna.Modal()
			if got := len(s.Open("Anna")); got != test.open || v.Title != test.title {
				t.Errorf("got %d open, %q on top, want %d, %q", got, v.Title, test.open, test.title)
			}
		})
	}
}

func TestAcknowledgementsOfCommands(t *testing.T) {
	for _, test := range []struct {
		ack   string
		shown bool
		wrong bool
	}{
		{``, false, false},
		{`{}`, false, false},
		{`{"text":"a"}`, true, false},
		{`{"text":"a","blocks":[{"type":"divider"}]}`, true, false},
		{`{"blocks":[{"type":"divider"}]}`, true, true},
		{`{"text":"a","blocks":[{"type":"banner"}]}`, false, true},
		{`[]`, false, true},
	} {
		s := New(t, Setup{})
		s.Use(answering(test.ack))
		a := s.Person("Anna").Command("/rapport")
		if (a.Shown != nil) != test.shown || (len(s.Violations()) > 0) != test.wrong {
			t.Errorf("%s: got %+v shown and %v", test.ack, a.Shown, s.Violations())
		}
	}
}

func TestLimitsOfViews(t *testing.T) {
	long := func(n int) string { return strings.Repeat("ä", n) }
	plain := func(n int) string { return `{"type":"plain_text","text":"` + long(n) + `"}` }
	for name, view := range map[string]string{
		"title too long":    `{"type":"modal","title":` + plain(25) + `,"blocks":[]}`,
		"no title":          `{"type":"modal","blocks":[]}`,
		"submit too long":   `{"type":"modal","title":` + plain(2) + `,"submit":` + plain(25) + `,"blocks":[]}`,
		"close too long":    `{"type":"modal","title":` + plain(2) + `,"close":` + plain(25) + `,"blocks":[]}`,
		"input, no submit":  `{"type":"modal","title":` + plain(2) + `,"blocks":[{"type":"input","label":` + plain(2) + `,"element":{"type":"plain_text_input"}}]}`,
		"metadata too long": `{"type":"modal","title":` + plain(2) + `,"private_metadata":"` + long(3001) + `","blocks":[]}`,
		"callback too long": `{"type":"modal","title":` + plain(2) + `,"callback_id":"` + long(256) + `","blocks":[]}`,
		"blocks null":       `{"type":"modal","title":` + plain(2) + `,"blocks":null}`,
		"101 blocks":        `{"type":"modal","title":` + plain(2) + `,"blocks":[` + strings.TrimSuffix(strings.Repeat(`{"type":"divider"},`, 101), ",") + `]}`,
		"too large":         `{"type":"modal","title":` + plain(2) + `,"blocks":[` + strings.TrimSuffix(strings.Repeat(`{"type":"section","text":`+plain(2900)+`},`, 60), ",") + `]}`,
		"home":              `{"type":"home","blocks":[]}`,
	} {
		s := New(t, Setup{NoSchemas: true})
		s.mu.Lock()
		trigger := s.newTrigger(s.user("Anna"))
		s.mu.Unlock()
		_, got, _ := call(t, s, s.BotToken(), "views.open", `{"trigger_id":"`+trigger+`","view":`+view+`}`)
		if !strings.Contains(got, `"invalid_arguments"`) || len(s.Violations()) != 1 {
			t.Errorf("%s: got %.200s, %v, want one violation", name, got, s.Violations())
		}
		if _, err := client(t, s).OpenViewContext(t.Context(), trigger, form()); err != nil {
			t.Errorf("%s: the trigger was used up: %v", name, err)
		}
	}
}

// A button in a channel menu of a view, a pick, and a form's fields that stay
// when the view is updated.
func TestFilledIn(t *testing.T) {
	s := New(t, Setup{})
	var got []map[string]any
	s.Use(deliver(func(_ Kind, p map[string]any) Answer { got = append(got, p); return Answer{} }))
	v := formOf(t, s)
	anna := s.Person("Anna")
	anna.Pick(v, "#team")
	if len(got) != 0 {
		t.Errorf("got %v sent, want the channel filled in only", got)
	}
	if _, err := client(t, s).UpdateViewContext(t.Context(), form(), "", "", v.ID); err != nil {
		t.Fatal(err)
	}
	anna.Submit(v, map[string]string{"note": "by block id", "Day": "Tuesday"})
	raw, err := json.Marshal(got[0])
	if err != nil {
		t.Fatal(err)
	}
	var in slackgo.InteractionCallback
	if err := json.Unmarshal(raw, &in); err != nil {
		t.Fatal(err)
	}
	values := in.View.State.Values
	if values["where"]["where"].SelectedChannel != "C0TEAM" || values["day"]["day"].SelectedOption.Value != "tue" || values["note"]["note"].Value != "by block id" {
		t.Errorf("got %+v", values)
	}
	if in.View.PrivateMetadata != "origin" || in.View.CallbackID != "form" || in.TriggerID == "" || in.ResponseURL != "" {
		t.Errorf("got %+v", in.View)
	}
}
