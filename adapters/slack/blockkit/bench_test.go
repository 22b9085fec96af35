package blockkit

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

func BenchmarkWire(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Wire(weekly)
	}
}

// BenchmarkMarshal is what Wire saves.
func BenchmarkMarshal(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(Message(weekly)); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAllocations keeps the making of a message cheap: a timing would depend on
// the machine.
func TestAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Message(weekly) }); n > 20 {
		t.Errorf("a message takes %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { Wire(weekly) }); n > 21 {
		t.Errorf("its JSON takes %v allocations", n)
	}
}
