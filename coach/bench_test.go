package coach_test

import (
	"fmt"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/coach/streak"
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

// BenchmarkPicture is "/rapport progress picture" of somebody who practised
// each week of a year, from the text to the reply.
func BenchmarkPicture(b *testing.B) {
	store := coachtest.NewMem(nil)
	c, err := coach.New(coach.Options{Store: store, Lessons: edition, Now: func() time.Time { return monday.AddDate(1, 0, 0) }})
	if err != nil {
		b.Fatal(err)
	}
	r := coach.Request{ID: "r", From: coach.Person{Platform: "test", Realm: "r", User: "ann"}, Team: coach.Team{Platform: "test", ID: "r"}}
	var log []streak.Event
	for i := range 150 {
		at := monday.AddDate(0, 0, 7*(i%50)).Add(time.Duration(i) * time.Minute)
		log = append(log, streak.Stamp(at, time.UTC, streak.Event{Key: fmt.Sprint("k", i), Kind: streak.CheckIn, Step: 1 + i%6}))
	}
	if _, err := store.Apply(b.Context(), "", r.From, coach.Change{Events: log}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Action = coach.Parse("progress picture")
		reply, err := c.Handle(b.Context(), r)
		if err != nil || reply.Message.Picture == nil {
			b.Fatal("no picture", err)
		}
		b.ReportMetric(float64(len(reply.Message.Picture.PNG)), "bytes")
	}
}
