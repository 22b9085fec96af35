package components

import (
	"encoding/json"
	"testing"

	"rapport/coach"
)

// weekly is a message of the usual kind and size.
var weekly = coach.Message{
	Sections: []coach.Section{
		{Text: coach.Join(coach.B("This week: one more question"), coach.P(" \u00b7 step 3 of 6, Find common ground"), coach.P("\nOnce this week, when someone tells you what they have been up to, ask about "), coach.B("that"), coach.P(" before you tell your own story.\n"), coach.Q("You said the move was chaos. What was the worst bit?"))},
		{Quiet: true, Text: coach.P("2 minutes \u00b7 anywhere, in writing too \u00b7 skip it if they are busy \u00b7 Buttons answer only you.")},
		{Text: coach.Join(coach.B("In the thread, if you like:"), coach.P(" what small thing are you looking forward to this week?"))},
	},
	Buttons: []coach.Button{
		{Label: "I'm in", Action: coach.Do("in", "wk.s3.one-more-question"), Primary: true},
		{Label: "Another idea", Action: coach.Do("offer", "other", "wk.s3.one-more-question")},
		{Label: "Why this?", Action: coach.Do("why", "wk.s3.one-more-question")},
	},
}

func BenchmarkMessage(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Message(weekly)
	}
}

func BenchmarkMarshal(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(List(Message(weekly))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkForm(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(Form(settings)); err != nil {
			b.Fatal(err)
		}
	}
}

// settings is a form of the usual kind.
var settings = coach.Form{
	Title: "Pause", Submit: "Pause", Action: coach.Do("pause", "change"),
	Lead: coach.P("Leave, illness, a busy month: weeks in a pause cost nothing. It ends by itself."),
	Inputs: []coach.Input{
		{Name: "from", Label: "From", Hint: "today, a weekday, or a date like 2026-11-26", Value: "today", Max: 40},
		{Name: "until", Label: "Until, that day included", Hint: "a date like 2026-12-10, or 2 weeks", Max: 40},
	},
}

// TestAllocations keeps the making of a message cheap: a timing would depend on
// the machine.
func TestAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Message(weekly) }); n > 25 {
		t.Errorf("a message takes %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { Form(settings) }); n > 9 {
		t.Errorf("a form takes %v allocations", n)
	}
}
