package coach

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

// Options is what a Coach is made of.
type Options struct {
	Store   Store
	Lessons *curriculum.Edition // what is taught at first
	Now     func() time.Time    // the coach clock

	Zone        string       // IANA name for people and teams that named none; "" = UTC
	Language    string       // "" = en
	WeekStart   time.Weekday // for people of teams that chose none
	HelpContact string       // who helps with what no exercise should answer; "" = nobody in particular
	Operator    string       // who runs the server and holds its key, as people are told; "" = nobody in particular

	// Audiences are whom the words fit where a team chose nothing: work,
	// community or study. A platform that is missing has work.
	Audiences map[Platform]string

	Nudge      string                                        // five cron fields: when a new team's weekly nudge goes; "" = Monday 09:00
	Tip        string                                        // five cron fields: when daily tips go to people who chose no hour; "" = 09:30 on workdays
	Export     func(context.Context, Person) ([]byte, error) // everything kept about a person as JSON, for that person; nil = not offered
	Reflection string                                        // five cron fields: when Friday's prompt goes to them; "" = Friday 16:00

	// Reach reports why nothing can be posted to a channel, without posting
	// there: an error that wraps a SendError with the fate Closed. Nil also
	// where nobody knows. A nil func is not asked.
	Reach func(ctx context.Context, to Address) error
}

// Coach answers requests and finds the words for what is planned.
type Coach struct {
	Options
	taught   atomic.Pointer[lessons]
	say      printer
	commands map[string]Command
	zones    sync.Map       // name -> *time.Location
	place    *time.Location // of people and teams that named no zone
}

var _ Handler = (*Coach)(nil)

// New returns a Coach.
func New(o Options) (*Coach, error) {
	o.Zone = orElse(o.Zone, "UTC")
	o.Language = orElse(o.Language, "en")
	o.Nudge = orElse(o.Nudge, "0 9 * * 1")
	o.Tip = orElse(o.Tip, "30 9 * * 1-5")
	o.Reflection = orElse(o.Reflection, "0 16 * * 5")
	place, err := time.LoadLocation(o.Zone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", o.Zone, err)
	}
	say, err := newPrinter(o.Language)
	if err != nil {
		return nil, err
	}
	c := &Coach{Options: o, say: say, place: place, commands: make(map[string]Command)}
	for _, cmd := range Commands() {
		c.commands[cmd.Verb] = cmd
	}
	c.Teach(o.Lessons)
	return c, nil
}

// lessons are an edition and the pages of it that are the same for everybody,
// laid out once.
type lessons struct {
	ed    *curriculum.Edition
	pages map[string]Reply // by topic; never written to once it is taught
	helps *helps
	noted notedPages

	before []*curriculum.Edition // taught before, the latest first
}

// Teach makes e the edition from the next request on. What was begun with the
// one before is gone on with in that.
func (c *Coach) Teach(e *curriculum.Edition) {
	l := &lessons{ed: e, pages: make(map[string]Reply), helps: newHelps(e)}
	v := &visit{Coach: c, lessons: l}
	for _, t := range e.Topics() {
		l.pages[t.Key] = v.topicPage(t)
	}
	if before := c.taught.Load(); before != nil && before.ed.Hash != e.Hash {
		l.before = append([]*curriculum.Edition{before.ed}, before.before...)
		l.before = l.before[:min(len(l.before), keptEditions)]
	}
	c.taught.Store(l)
}

// keptEditions is how many editions from before are kept for what was begun with
// them. After a restart only the one that is taught is there.
const keptEditions = 2

// editionOf is the edition that a flow was begun with, as far as it is kept;
// else the one that is taught.
func (v *visit) editionOf(flow string) *curriculum.Edition {
	f, ok := v.flow(flow)
	if !ok || f.Edition == v.ed.Hash {
		return v.ed
	}
	for _, e := range v.before {
		if e.Hash == f.Edition {
			return e
		}
	}
	return v.ed
}

// Edition is what is taught now. It is not written to.
func (c *Coach) Edition() *curriculum.Edition { return c.taught.Load().ed }

// Handle implements [Handler].
func (c *Coach) Handle(ctx context.Context, r Request) (Reply, error) {
	v := &visit{Coach: c, Request: r, lessons: c.taught.Load(), now: c.Now()}
	cmd, ok := c.commands[r.Action.Verb]
	if !ok {
		cmd = c.commands[verbElse]
	}
	if err := v.enter(ctx); err != nil {
		return Reply{}, fmt.Errorf("%s: %w", cmd.Verb, err)
	}
	reply, err := v.run(ctx, cmd)
	if m, ok := errors.AsType[*mistake](err); ok {
		return Say(m.Message), nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("%s: %w", cmd.Verb, err)
	}
	if r.Shared { // others see that message: it is never edited
		reply.Replace = false
	}
	return reply, nil
}

// Complete implements [Handler].
func (c *Coach) Complete(_ context.Context, r Request, prefix string) []Option {
	var steps []Option
	for _, t := range c.Edition().Steps {
		steps = append(steps, Option{Label: fmt.Sprintf("step %d - %s", t.N, t.Title), Value: fmt.Sprintf("step %d", t.N)})
	}
	return completions(prefix, r.Admin && !r.Guest, steps)
}

// A visit is one request being answered. It is the largest thing that most
// requests make: what all of them share is behind pointers.
type visit struct {
	*Coach
	*lessons
	Request
	now   time.Time
	self  Self
	plan  TeamSettings
	nudge string // posted last in the team, on nudgeOn
	wrote bool   // something was applied
	shown bool   // the reply says what is wrong with deliveries to the team
	door  bool   // the last direct message did not get through, and they were not told

	nudgeOn  streak.Date
	advanced *streak.Ledger // that of self on the day it was last asked for; nil if it was not
	day      struct {       // that it is there
		in   *time.Location
		date streak.Date
	}
}

// enter reads who is asking, and from where.
func (v *visit) enter(ctx context.Context) error {
	who := v.From
	if v.Stranger {
		who = Person{}
	}
	met, err := v.Store.Meet(ctx, who, v.Request.Team)
	if err != nil {
		return fmt.Errorf("meet: %w", err)
	}
	v.self, v.plan, v.nudge, v.nudgeOn = met.Self, met.Team, met.Nudge, met.NudgeOn
	v.door = v.self.Closed && !v.self.Settings.DoorTold
	return nil
}

// run runs cmd. Whatever a person does shows that messages to them are read.
func (v *visit) run(ctx context.Context, cmd Command) (Reply, error) {
	switch {
	case cmd.Admin && v.Request.Team == (Team{}):
		return Reply{}, v.mistake("Setting up is done in the team that it is for: ask again in one of its channels. Everything else works here: try `/rapport help`.")
	case cmd.Admin && !v.mayManage():
		return Reply{}, v.mistake("Setting up the team is for its admins. Anyone can use everything else: try `/rapport help`.")
	}
	reply, err := cmd.Run(ctx, v)
	if err == nil && !cmd.Unseen && !v.wrote && v.self.Known && v.self.Unanswered > 0 {
		_, err = v.apply(ctx, Change{})
	}
	if err == nil && !cmd.Unseen {
		err = errors.Join(v.tellTrouble(ctx, &reply), v.tellSeason(ctx, &reply), v.tellDoor(ctx, &reply))
	}
	return reply, err
}

// mayManage reports whether the person may set up the team. What a platform or
// a button says is not enough for guests.
func (v *visit) mayManage() bool {
	return !v.Guest && !v.Stranger && (v.Admin || v.plan.MayManage == "channel" && v.At.Kind == InChannel)
}

// mistake returns an error that is shown as a kind line with the way home.
func (v *visit) mistake(key string, args ...any) error {
	return &mistake{Message{
		Sections: []Section{{Text: v.say.text(key, args...)}},
		Buttons:  []Button{v.button("Home", Do("home"))},
	}}
}

// zone is where the person's days begin, and whether that is only assumed: the
// person's own word, else the platform's, else the team's, else the server's.
func (v *visit) zone() (loc *time.Location, assumed bool) {
	names := []string{v.self.Settings.Zone, v.Request.Zone}
	if !v.self.Settings.ZoneChosen && v.Request.Zone != "" {
		names = []string{v.Request.Zone, v.self.Settings.Zone}
	}
	for _, name := range names {
		if loc, ok := v.loadZone(name); ok {
			return loc, false
		}
	}
	if loc, ok := v.loadZone(v.plan.Zone); ok {
		return loc, true
	}
	return v.place, true
}

// loadZone is a place that this machine has data for. The data is read once:
// package time reads the files of a place each time it is asked for.
func (c *Coach) loadZone(name string) (*time.Location, bool) {
	if loc, ok := c.zones.Load(name); ok {
		return loc.(*time.Location), true
	}
	loc, ok := loadZone(name)
	if ok {
		c.zones.Store(name, loc)
	}
	return loc, ok
}

func loadZone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return nil, false
	}
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}

func (v *visit) local() time.Time {
	loc, _ := v.zone()
	return v.now.In(loc)
}

func (v *visit) today() streak.Date {
	if loc, _ := v.zone(); loc != v.day.in || v.day.date == "" {
		v.day.in, v.day.date = loc, streak.DateOf(v.now.In(loc))
	}
	return v.day.date
}

// ledger is the person's weeks as of today.
func (v *visit) ledger() streak.Ledger {
	today := v.today()
	switch {
	case v.self.Ledger.Today == today:
		return v.self.Ledger
	case v.advanced == nil || v.advanced.Today != today:
		l := v.self.Ledger.Advance(today)
		v.advanced = &l
	}
	return *v.advanced
}

// week is the start of the person's current week.
func (v *visit) week() streak.Date {
	if len(v.self.Ledger.Weeks) == 0 {
		return streak.WeekOf(v.today(), v.weekStart())
	}
	return v.self.Ledger.WeekOf(v.today())
}

func (v *visit) weekStart() time.Weekday {
	if v.plan.SetUp.IsZero() {
		return v.WeekStart
	}
	return v.plan.WeekStart
}

// audience is whom the words must fit.
func (v *visit) audience() string { return v.audienceOf(v.plan, v.From.Platform) }

// audienceOf is whom the words for a team must fit: what it chose, else what is
// usual on its platform.
func (c *Coach) audienceOf(plan TeamSettings, p Platform) string {
	return orElse(plan.Audience, orElse(c.Audiences[p], curriculum.Work))
}

// me is where the person gets direct messages: through this team, so that
// stopping the team stops them.
func (v *visit) me() Address {
	to := DirectTo(v.From)
	to.Team = v.Request.Team
	return to
}

// event stamps e for the person, here and now.
func (v *visit) event(e streak.Event) streak.Event {
	loc, assumed := v.zone()
	e.Assumed = assumed
	return streak.Stamp(v.now, loc, e)
}

// apply changes what is remembered about the person.
func (v *visit) apply(ctx context.Context, ch Change) (Applied, error) {
	if v.Stranger {
		return Applied{}, v.mistake("I keep nothing about people of another organisation, so I cannot do that here. Reading and `/rapport step 3` always work.")
	}
	if err := v.follow(ctx, &ch); err != nil {
		return Applied{}, err
	}
	ch.Team = v.Request.Team
	done, err := v.Store.Apply(ctx, v.ID, v.From, ch)
	if err != nil {
		return Applied{}, fmt.Errorf("apply: %w", err)
	}
	v.wrote, v.self, v.advanced = true, done.Self, nil
	return done, nil
}

// follow notes what changed around the person: a time zone that the platform
// tells, as long as they named none, a week start or a season break that the
// team chose.
func (v *visit) follow(ctx context.Context, ch *Change) error {
	v.followZone(ch)
	if ch.Unseen {
		return nil
	}
	v.openDoor(ch)
	// Two weeks on, the person's weeks start as the last choice in their log says.
	if start := v.weekStart(); len(ch.Events) > 0 && v.self.Ledger.WeekOf(v.today().Add(14)).Weekday() != start {
		e := streak.Event{Key: "weekstart/" + v.mark(), Kind: streak.WeekStart, Start: start}
		if !v.plan.SetUp.IsZero() {
			e.From = streak.DateOf(v.plan.SetUp.In(v.local().Location()))
		}
		ch.Events = append([]streak.Event{v.event(e)}, ch.Events...)
	}
	return v.followBreak(ctx, ch)
}

func (v *visit) followZone(ch *Change) {
	chosen := &v.self.Settings
	if ch.Settings != nil {
		chosen = ch.Settings
	}
	loc, ok := v.loadZone(v.Request.Zone)
	if !ok || chosen.ZoneChosen || chosen.Zone == v.Request.Zone {
		return
	}
	s := *chosen
	s.Zone = v.Request.Zone
	zone := streak.Stamp(v.now, loc, streak.Event{Key: "zone/platform/" + v.mark(), Kind: streak.Zone, Assumed: true})
	ch.Settings, ch.Zone = &s, s.Zone
	ch.Events = append([]streak.Event{zone}, ch.Events...)
}

// followBreak writes the team's season break into the log of somebody who has
// weeks to lose, once it has begun: its weeks are neutral.
func (v *visit) followBreak(ctx context.Context, ch *Change) error {
	from, until := v.plan.BreakFrom, v.plan.BreakUntil
	if from == "" || from > v.today() || len(v.self.Ledger.Weeks) == 0 {
		return nil
	}
	key := fmt.Sprintf("break/%s/%s", from, until)
	events, err := v.Store.Events(ctx, v.From)
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	if !slices.ContainsFunc(events, func(e streak.Event) bool { return e.Key == key }) {
		ch.Events = append([]streak.Event{v.event(streak.Event{Key: key, Kind: streak.Excused, From: from, Until: until})}, ch.Events...)
	}
	return nil
}

// mark names this request and no other, also where the clock stands still.
func (v *visit) mark() string {
	sum := sha256.Sum256([]byte(v.ID))
	return hex.EncodeToString(sum[:8])
}

// zoneEvent is the line in the log that moves the person to the zone they
// named. A first check-in of the last two days moves with it.
func (v *visit) zoneEvent(ctx context.Context, name string) (streak.Event, error) {
	loc, ok := loadZone(name)
	if !ok {
		return streak.Event{}, fmt.Errorf("zone %q is not known", name)
	}
	events, err := v.Store.Events(ctx, v.From)
	if err != nil {
		return streak.Event{}, fmt.Errorf("events: %w", err)
	}
	e := streak.Restamp(events, v.now, loc)
	e.Key = "zone/" + v.mark()
	return e, nil
}

func (v *visit) button(label string, a Action) Button {
	return Button{Label: v.say.line(label), Action: a}
}

func (v *visit) primary(label string, a Action) Button {
	return Button{Label: v.say.line(label), Action: a, Primary: true}
}

// answer returns m as a private reply that takes the place of what was pressed.
func answer(title string, sections []Section, buttons ...Button) Reply {
	r := Say(Message{Title: title, Sections: sections, Buttons: buttons})
	r.Replace = true
	return r
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
