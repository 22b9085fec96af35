package coach_test

import (
	"testing"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// BenchmarkStep is "/rapport step 3" in the coach, from the text to the reply.
func BenchmarkStep(b *testing.B) {
	c, err := coach.New(coach.Options{Store: coachtest.NewMem(nil), Lessons: edition, Now: monday.UTC})
	if err != nil {
		b.Fatal(err)
	}
	r := coach.Request{ID: "r", From: coach.Person{Platform: "test", Realm: "r", User: "ann"}, Team: coach.Team{Platform: "test", ID: "r"}}
	b.ReportAllocs()
	for b.Loop() {
		r.Action = coach.Parse("step 3")
		if _, err := c.Handle(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}
