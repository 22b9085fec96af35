package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"rapport/coach"
	"rapport/coach/coachtest"
	"rapport/schedules"
)

// claim returns what may go now.
func claim(t *testing.T, db *DB, now time.Time) []schedules.Delivery {
	t.Helper()
	queueAll(t, db, now)
	got, err := db.Claim(t.Context(), schedules.Claim{Now: now, Machine: now, Owner: "o", Lease: time.Minute, PerLane: 9, Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func mustApply(t *testing.T, db *DB, id string, who coach.Person, c coach.Change) {
	t.Helper()
	if _, err := db.Apply(t.Context(), id, who, c); err != nil {
		t.Fatal(err)
	}
}

// TestTeamComesBack uninstalls the coach and installs it again. The channel
// gets nothing until somebody sets it up; what a person asked for goes on.
func TestTeamComesBack(t *testing.T) {
	c := &clock{monday}
	db := openAt(t, filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys), c.now)
	plan := coach.TeamSettings{Channel: "c1", Spec: "0 9 * * *", Zone: "UTC", WeekStart: time.Saturday, HelpContact: "HR", SetUp: monday, Owner: ann}
	post := coach.Wish{Kind: "post", Subject: "c1", To: coach.ChannelOf(demo, "c1"), Spec: "0 9 * * *", Zone: "UTC"}
	mine := coach.DirectTo(bob)
	mine.Team = demo
	tip := coach.Wish{Kind: "tip", Subject: "s", To: mine, Spec: "0 9 * * *", Zone: "UTC"}
	mustApply(t, db, "r1", ann, coach.Change{Team: demo, TeamPlan: &plan, Wishes: []coach.Wish{post}})
	mustApply(t, db, "r2", bob, coach.Change{Team: demo, Wishes: []coach.Wish{tip}})
	c.at = monday.AddDate(0, 0, 1)
	queueAll(t, db, c.at)
	for range 2 { // told twice
		if err := db.LeaveTeam(t.Context(), demo); err != nil {
			t.Fatal(err)
		}
	}
	if got := claim(t, db, c.at); len(got) != 0 {
		t.Fatalf("sent to a team that removed the coach: %+v", got)
	}
	c.at = monday.AddDate(0, 0, 20)
	if got := claim(t, db, c.at); len(got) != 0 {
		t.Errorf("sent 20 days later: %+v", got)
	}
	mustApply(t, db, "r3", bob, coach.Change{Team: demo}) // back
	c.at = monday.AddDate(0, 0, 21)
	got := claim(t, db, c.at)
	if len(got) != 1 || got[0].To != mine {
		t.Errorf("sent to a team that came back: %+v, want bob's own", got)
	}
	want := plan
	want.SetUp = time.Time{}
	if s, err := db.TeamSettings(t.Context(), demo); err != nil || s != want {
		t.Errorf("TeamSettings = %+v, %v; want what was chosen, and not set up", s, err)
	}
	c.at = monday.AddDate(0, 0, 45)
	if _, err := db.Tidy(t.Context(), c.at); err != nil {
		t.Fatal(err)
	}
	if s, _ := db.TeamSettings(t.Context(), demo); s.Channel != "c1" {
		t.Error("a team that came back was removed")
	}
	mustApply(t, db, "r4", ann, coach.Change{Team: demo, TeamPlan: &plan, Wishes: []coach.Wish{post}})
	c.at = monday.AddDate(0, 0, 46)
	if got := claim(t, db, c.at); len(got) != 2 {
		t.Errorf("sent when set up again: %+v, want the post, too", got)
	}
	if err := db.LeaveTeam(t.Context(), demo); err != nil {
		t.Fatal(err)
	}
	c.at = monday.AddDate(0, 0, 77)
	if _, err := db.Tidy(t.Context(), c.at); err != nil {
		t.Fatal(err)
	}
	if s, _ := db.TeamSettings(t.Context(), demo); s != (coach.TeamSettings{}) {
		t.Errorf("31 days after it removed the coach: %+v", s)
	}
}

// TestPersonComesBack lets somebody be deactivated and come back.
func TestPersonComesBack(t *testing.T) {
	c := &clock{monday}
	db := openAt(t, filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys), c.now)
	fill(t, db, ann)
	if err := db.Leave(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	c.at = monday.AddDate(0, 0, 1)
	if got := claim(t, db, c.at); len(got) != 0 {
		t.Fatalf("sent to who left: %+v", got)
	}
	c.at = monday.AddDate(0, 0, 20)
	mustApply(t, db, "move", ann, coach.Change{Zone: "Asia/Tokyo", Unseen: true}) // not their doing
	if got := claim(t, db, c.at); len(got) != 0 {
		t.Fatalf("sent to who left: %+v", got)
	}
	mustApply(t, db, "back", ann, coach.Change{})
	c.at = monday.AddDate(0, 0, 21)
	if got := claim(t, db, c.at); len(got) == 0 {
		t.Error("nothing is sent to who came back")
	}
	c.at = monday.AddDate(0, 0, 60)
	if n, err := db.Tidy(t.Context(), c.at); err != nil || n != 0 {
		t.Errorf("Tidy removed %d, %v; want nobody", n, err)
	}
}

// TestUnseenKeepsTheDate leaves last seen, team and membership as they were.
func TestUnseenKeepsTheDate(t *testing.T) {
	c := &clock{monday}
	db := openAt(t, filepath.Join(t.TempDir(), "rapport.db"), new(coachtest.MemKeys), c.now)
	mustApply(t, db, "r1", ann, coach.Change{})
	c.at = monday.AddDate(0, 0, 5)
	mustApply(t, db, "r2", ann, coach.Change{Team: demo, Zone: "Asia/Tokyo", Settings: &coach.Settings{Zone: "Asia/Tokyo"}, Unseen: true})
	x, _, err := db.Export(t.Context(), ann)
	if err != nil || !x.Seen.Equal(monday) || len(x.Teams) != 0 || len(x.Zones) != 1 {
		t.Errorf("Export = %+v, %v; want last seen on %s, in no team, in one zone", x, err, monday)
	}
}
