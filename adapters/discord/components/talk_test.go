package components

import (
	"encoding/json"
	"strings"
	"testing"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// A talk is a walk through everything the coach says, which looks at every
// answer as it goes to Discord.
type talk struct {
	coachtest.Walk
	said   map[string]bool          // messages, as JSON
	looked func(name string, v any) // told of everything that goes over the wire; may be nil
}

func newTalk(t *testing.T, admin bool, typed string) *talk {
	t.Helper()
	k := &talk{said: make(map[string]bool), Walk: coachtest.Walk{T: t, Who: coach.Person{Platform: "discord", User: "77"},
		Team: coach.Team{Platform: "discord", ID: "42"}, Channel: "1234567890", Admin: admin, Typed: typed}}
	k.Form, k.Message = k.form, k.message
	k.Start()
	return k
}

func (k *talk) form(name string, f coach.Form) {
	k.Helper()
	k.look(name, Form(f))
	wholeForm(k.T, name, f)
	sameWords(k.T, name, f.Lead)
}

func (k *talk) message(name string, m coach.Message) {
	k.Helper()
	b, err := json.Marshal(Message(m))
	if err != nil {
		k.Fatal(err)
	}
	if k.said[string(b)] {
		return
	}
	k.said[string(b)] = true
	k.look(name, Message(m))
	uncut(k.T, name, m)
	harmlessMessage(k.T, name, m)
}

func (k *talk) look(name string, v any) {
	k.Helper()
	check(k.T, name, v)
	if k.looked != nil {
		k.looked(name, v)
	}
}

// TestEverythingSaid checks whatever the coach says, with harmless and with
// hostile words typed into everything.
func TestEverythingSaid(t *testing.T) {
	hostile := strings.Repeat(coachtest.Hostile, 20)
	said := make(map[string]bool) // by all of them: most is the same
	for name, k := range map[string]*talk{
		"admin": newTalk(t, true, "A quiet start."), "silent": newTalk(t, true, ""), "hostile": newTalk(t, true, hostile), "member": newTalk(t, false, hostile),
	} {
		t.Run(name, func(t *testing.T) {
			k.T, k.said = t, said
			k.Everything()
			if k.Answers < 100 {
				t.Errorf("only %d answers: the walk ended early", k.Answers)
			}
			t.Logf("%d answers, %d different messages so far", k.Answers, len(said))
		})
	}
}

func TestEveryItem(t *testing.T) {
	k := newTalk(t, true, "")
	k.Items()
	if k.Answers < 200 {
		t.Errorf("only %d answers", k.Answers)
	}
	t.Logf("%d answers", k.Answers)
}
