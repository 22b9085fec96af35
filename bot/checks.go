package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"rapport/adapters/keyring"
	"rapport/adapters/sqlite"
	"rapport/coach"
	"rapport/schedules"
)

// An examination is the checks of what a configuration names. It opens what is
// there to be read and makes nothing.
type examination struct {
	env  Env
	cfg  *Config
	path string // of the database
	now  func() time.Time

	db    *sqlite.DB    // nil if it cannot be read
	ring  *keyring.Ring // nil if it cannot be read
	ahead time.Duration // of the coach clock
	held  bool          // a coach runs on the database
}

func (e *examination) close() {
	if e.db != nil {
		e.db.Close()
	}
	if e.ring != nil {
		e.ring.Close()
	}
}

// coachNow is the coach clock.
func (e *examination) coachNow() time.Time { return e.now().Add(e.ahead) }

// all makes every check. Those that may take long are made side by side.
func (e *examination) all(ctx context.Context) []coach.Finding {
	found := append(e.texts(), e.contact()...)
	keys := e.keys()
	found = append(found, e.database(ctx)...)
	found = append(found, keys...)
	parts := []part{{"database", func(ctx context.Context) []coach.Finding {
		if e.db == nil {
			return nil
		}
		var found []coach.Finding
		for _, check := range []func(context.Context) []coach.Finding{e.integrity, e.keysFit, e.clock, e.deliveries, e.teams, e.posts} {
			found = append(found, check(ctx)...)
		}
		return found
	}}}
	return append(found, examine(ctx, doctorGrace, append(parts, e.platforms()...))...)
}

// texts looks at the curriculum.
func (e *examination) texts() []coach.Finding {
	edition, err := loadEdition(e.env, e.cfg)
	if err != nil {
		return []coach.Finding{fail("curriculum", oneLine(err), "run `rapport curriculum check` and mend each line that it names")}
	}
	where := "the built-in texts"
	if dir := e.cfg.Coach.CurriculumDir; dir != "" {
		where = "the built-in texts with those of " + dir
	}
	return []coach.Finding{good("curriculum", "%s, edition %s", where, edition.Hash)}
}

func (e *examination) contact() []coach.Finding {
	if e.cfg.Coach.HelpContact == "" {
		return []coach.Finding{warn("help contact", "nobody is named for what no exercise should answer, so that people are pointed to the usual places only",
			"set help_contact in [coach], such as \"Maria in HR (maria@example.org)\"")}
	}
	return []coach.Finding{good("help contact", "people are told whom to turn to")}
}

// clock compares the machine's clock with what the database says.
func (e *examination) clock(ctx context.Context) []coach.Finding {
	const name = "clock"
	if err := e.db.UseChat(ctx); errors.Is(err, sqlite.ErrMoved) && len(servedChats(e.cfg)) > 0 {
		why, fix, _ := strings.Cut(err.Error(), "; ")
		return []coach.Finding{fail(name, why, fix)}
	}
	beat, err := e.db.LastBeat(ctx)
	switch {
	case err != nil:
		return []coach.Finding{unread(name, err)}
	case beat.Sub(e.now()) > time.Minute:
		return []coach.Finding{warn(name, fmt.Sprintf("the coach has run at %s, which is yet to come by this machine's clock", beat.Format(time.RFC3339)), "set this machine's clock, and let it follow a time server (NTP)")}
	case e.ahead > 0:
		return []coach.Finding{good(name, "%s ahead of this machine's: it was moved on the local page", e.ahead.Round(time.Second))}
	case beat.IsZero():
		return []coach.Finding{good(name, "it is %s", e.now().UTC().Format(time.RFC3339))}
	}
	return []coach.Finding{good(name, "it is %s; the coach last ran at %s", e.now().UTC().Format(time.RFC3339), beat.Format(time.RFC3339))}
}

func unread(name string, err error) coach.Finding {
	return fail(name, "the database cannot be read: "+err.Error(), "run `rapport doctor` again; if this stays, restore a backup")
}

// late is how long a message may wait before doctor asks why.
const late = 10 * time.Minute

// deliveries looks at what was not sent, or may not have been.
func (e *examination) deliveries(ctx context.Context) []coach.Finding {
	const name = "deliveries"
	q, err := e.db.Queue(ctx)
	if err != nil {
		return []coach.Finding{unread(name, err)}
	}
	var found []coach.Finding
	if q.Waiting > 0 && e.held && e.coachNow().Sub(q.Since) > late {
		found = append(found, warn(name, fmt.Sprintf("%s waiting, the oldest since %s", counted(q.Waiting, "message"), q.Since.Format(time.RFC3339)),
			"look at the coach's log: a line \"not delivered\" says why"))
	}
	if q.InDoubt > 0 {
		found = append(found, warn(name, fmt.Sprintf("%s of the last 35 days may or may not have arrived", counted(q.InDoubt, "message")),
			"nothing, if it happened once: they were not sent again, so that nobody gets one twice. If it goes on, look at the connection to the platform"))
	}
	if q.Dead > 0 {
		found = append(found, warn(name, fmt.Sprintf("%s of the last 35 days did not go out", counted(q.Dead, "message")),
			"look at the coach's log: a line \"not delivered\" says why; /rapport setup shows what became of a channel"))
	}
	if len(found) > 0 {
		return found
	}
	if q.Waiting > 0 {
		return []coach.Finding{good(name, "%s waiting for the coach to send", counted(q.Waiting, "message"))}
	}
	return []coach.Finding{good(name, "nothing waits, nothing is in doubt")}
}

// mostTeams is how many teams are told of one by one.
const mostTeams = 20

// teams tells what stands in the way of a team's weekly post.
func (e *examination) teams(ctx context.Context) []coach.Finding {
	teams, err := e.db.Teams(ctx)
	if err != nil {
		return []coach.Finding{unread("teams", err)}
	}
	var found []coach.Finding
	sound := 0
	for _, t := range teams {
		f, err := e.team(ctx, t)
		if err != nil {
			return append(found, unread("teams", err))
		}
		if f.Level == coach.OK {
			sound++
		} else if len(found) < mostTeams {
			found = append(found, f)
		}
	}
	switch {
	case len(teams) == 0:
		return []coach.Finding{good("teams", "nobody has used the coach yet")}
	case sound > 0:
		found = append([]coach.Finding{good("teams", "%s without a problem", counted(sound, "team"))}, found...)
	}
	return found
}

func (e *examination) team(ctx context.Context, t coach.Team) (coach.Finding, error) {
	plan, err := e.db.TeamSettings(ctx, t)
	if err != nil {
		return coach.Finding{}, err
	}
	health, err := e.db.TeamHealth(ctx, t)
	if err != nil {
		return coach.Finding{}, err
	}
	name := fmt.Sprintf("team %s/%s", t.Platform, t.ID)
	switch {
	case health.Problem != "":
		return warn(name, fmt.Sprintf("posting to %s stopped: %s", plan.Channel, health.Problem), "mend that in the chat, then choose the channel again with /rapport setup"), nil
	case plan.Stopped:
		return warn(name, "an admin stopped everything", "nothing, if that is meant; /rapport setup starts it again"), nil
	case health.Missed > 0:
		return warn(name, fmt.Sprintf("%s of the last 35 days missed, since nobody ran the coach", counted(health.Missed, "post")), "let a supervisor such as systemd keep the coach running"), nil
	}
	return good(name, "no problem"), nil
}

// posts tells what goes out next.
func (e *examination) posts(ctx context.Context) []coach.Finding {
	const name = "next posts"
	rows, err := e.db.Schedules(ctx, "nudge")
	if err != nil {
		return []coach.Finding{unread(name, err)}
	}
	if len(rows) == 0 {
		return []coach.Finding{warn(name, "no channel has a weekly post", "an admin chooses one with /rapport setup")}
	}
	h, err := build(e.env, e.cfg, &store{e.db, e.ring, false}, e.coachNow, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil { // the curriculum, which has its own finding
		return nil
	}
	var found []coach.Finding
	for _, row := range rows[:min(len(rows), mostTeams)] {
		coming, err := h.coming(ctx, row)
		label := fmt.Sprintf("%s: %s", name, row.To.Channel)
		switch {
		case err != nil:
			found = append(found, unread(label, err))
		case len(coming) == 0:
			found = append(found, good(label, "none in the next %d weeks: a break, or an admin stopped them", weeksAhead))
		default:
			found = append(found, good(label, "%s", strings.Join(coming, "; ")))
		}
	}
	return found
}

// weeksAhead is how far doctor looks for posts.
const weeksAhead = 16

// coming is the next posts of a schedule, each with its time and first words.
func (h *house) coming(ctx context.Context, row schedules.Due) (coming []string, err error) {
	loc, err := time.LoadLocation(row.Zone)
	if err != nil {
		return nil, err
	}
	at, date, had := row.Next, row.Date, 0
	for n := 1; n <= weeksAhead && len(coming) < previewPosts; n++ {
		posts, _, err := h.coach.ComingPosts(ctx, row.To.Team, n)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && len(posts) > had { // an error so far means: none in these weeks
			first, _, _ := strings.Cut(posts[had].Fallback(), "\n")
			coming = append(coming, fmt.Sprintf("%s (%s)", at.In(loc).Format("Mon 2 Jan 2006 15:04 MST"), first))
			had = len(posts)
		}
		if at, date, err = schedules.Next(row.Spec, row.Zone, at, date); err != nil {
			return nil, err
		}
	}
	return coming, nil
}

// platforms are the checks that each configured chat platform makes itself.
func (e *examination) platforms() []part {
	served := servedChats(e.cfg)
	if len(served) == 0 {
		return []part{{"chat platform", func(context.Context) []coach.Finding {
			return []coach.Finding{warn("chat platform", "none is configured, so that `rapport` serves a page on this machine alone", e.connecting())}
		}}}
	}
	var parts []part
	for _, p := range served {
		parts = append(parts, part{p.section, func(ctx context.Context) []coach.Finding { return e.platform(ctx, p) }})
	}
	return parts
}

// connecting is how a chat platform is connected.
func (e *examination) connecting() string {
	if e.cfg.File == "" {
		return "run `rapport init`: it writes a configuration and lists the steps to connect " + strings.Join(namesOf(chats(e.cfg)), " or ")
	}
	var ways []string
	for _, p := range chats(e.cfg) {
		ways = append(ways, fmt.Sprintf("put "+p.missing, e.cfg.File))
	}
	return strings.Join(ways, "; or ") + "; `rapport init` lists the steps"
}

// platform is what a chat platform itself says, with the channels that are to be
// posted to.
func (e *examination) platform(ctx context.Context, p chat) []coach.Finding {
	a, err := p.make(nil)
	if err != nil {
		return []coach.Finding{fail(p.section, err.Error(), fmt.Sprintf("mend [%s] in the configuration", p.section))}
	}
	found := a.Check(ctx)
	if len(found) == 0 || found[0].Level == coach.Fail { // the token: no channel can be asked for without one
		return found
	}
	ids, err := e.channels(ctx, a.Name(), p.nudges)
	if err != nil {
		found = append(found, unread(p.section+": channels", err))
	}
	return append(found, a.CheckChannels(ctx, ids)...)
}

// mostChannels is how many channels are tried.
const mostChannels = 20

// channels are those of a platform that the configuration names and those that
// teams chose in the chat.
func (e *examination) channels(ctx context.Context, platform coach.Platform, named []string) ([]string, error) {
	ids := slices.Clone(named)
	if e.db == nil {
		return ids, nil
	}
	teams, err := e.db.Teams(ctx)
	if err != nil {
		return ids, err
	}
	for _, t := range teams {
		if t.Platform != platform || len(ids) >= mostChannels {
			continue
		}
		plan, err := e.db.TeamSettings(ctx, t)
		if err != nil {
			return ids, err
		}
		if plan.Channel != "" && !plan.Stopped && !slices.Contains(ids, plan.Channel) {
			ids = append(ids, plan.Channel)
		}
	}
	return ids, nil
}
