package coach_test

import (
	"fmt"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
	"rapport/schedules"
)

// deliver queues a message to that address today, and settles it so.
func (k *talk) deliver(to coach.Address, o schedules.Outcome) {
	k.Helper()
	k.n++
	w := coach.Wish{Kind: "test", Subject: fmt.Sprint(k.n), To: to, Spec: "0 4 * * *", Zone: "UTC"}
	if _, err := k.store.Apply(k.Context(), "", k.who, coach.Change{Wishes: []coach.Wish{w}, Unseen: true}); err != nil {
		k.Fatal(err)
	}
	k.now = k.now.AddDate(0, 0, 1)
	due, err := k.store.Due(k.Context(), k.now, 99)
	if err != nil {
		k.Fatal(err)
	}
	for _, d := range due {
		step := schedules.Step{Due: d}
		if d.Kind == "test" {
			step.Delivery = &schedules.Delivery{Key: d.Subject, Kind: d.Kind, Subject: d.Subject, To: d.To, Lane: "l", Date: streak.DateOf(k.now), Zone: d.Zone, DueAt: d.Next}
		} else {
			step.Next, step.NextDate = d.Next.AddDate(0, 0, 7), d.Date.Add(7)
		}
		if _, err := k.store.Advance(k.Context(), k.now, []schedules.Step{step}); err != nil {
			k.Fatal(err)
		}
	}
	got, err := k.store.Claim(k.Context(), schedules.Claim{Now: k.now, Machine: k.now, Owner: "o", Lease: time.Minute, PerLane: 9, Limit: 9})
	if err != nil || len(got) != 1 {
		k.Fatalf("Claim = %+v, %v; want one", got, err)
	}
	if ok, err := k.store.Settle(k.Context(), got[0], o); !ok || err != nil {
		k.Fatalf("Settle = %v, %v", ok, err)
	}
}

// unanswered sends n messages.
func (k *talk) unanswered(n int) {
	k.Helper()
	for range n {
		k.deliver(coach.DirectTo(k.who), schedules.Outcome{State: schedules.Done})
	}
}
