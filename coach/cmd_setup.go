package coach

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

func setupCommand() Command {
	return Command{
		Verb: "setup", Aliases: []string{"set-up", "admin", "config"}, Admin: true,
		Summary: "for admins: channel, day, hour, stop",
		Params:  []Param{{Name: "form", Summary: "form to change it", Options: []Option{{Label: "form", Value: "form"}}}},
		Run:     runSetup,
	}
}

func runSetup(ctx context.Context, v *visit) (Reply, error) {
	if v.Request.Team == (Team{}) {
		return Reply{}, v.mistake("Set-up belongs to a team. Please type this in a channel of the team.")
	}
	if v.Answers != nil {
		return v.takeSetup(ctx)
	}
	switch v.Arg(0) {
	case "form":
		form := v.setupForm()
		return Reply{Form: &form}, nil
	case "start":
		return v.startTeam(ctx)
	case "sample":
		return v.sendSample(ctx)
	}
	if v.silent() {
		return v.silentPage(), nil
	}
	return v.setupPage(ctx, nil)
}

// nudgeTime is when the team's weekly nudge goes.
func (v *visit) nudgeTime() (time.Weekday, int) {
	spec := orElse(v.plan.Spec, v.Nudge)
	return weekdayOf(spec, time.Monday), minuteOf(spec, 9*60)
}

// setupPage shows what is set up and how deliveries fare.
func (v *visit) setupPage(ctx context.Context, lead Text) (Reply, error) {
	h, err := v.Store.TeamHealth(ctx, v.Request.Team)
	if err != nil {
		return Reply{}, fmt.Errorf("team health: %w", err)
	}
	day, minute := v.nudgeTime()
	loc := v.teamZone()
	text := v.say.text("*Weekly nudge:* %s, %ss at %s (%s)", v.channelText(v.plan.Channel), v.weekdayName(day), clock(minute), loc.String())
	text = Join(text, v.say.text("\n*Audience:* %s", v.say.line(audienceNames[v.audience()])))
	if v.plan.BreakUntil != "" && v.plan.BreakUntil >= v.today() {
		text = Join(text, v.say.text("\n*Season break:* %s to %s", string(v.plan.BreakFrom), string(v.plan.BreakUntil)))
	}
	if v.plan.MayManage == "channel" {
		text = Join(text, v.say.text("\n*Who may set up:* anyone in a channel"))
	} else {
		text = Join(text, v.say.text("\n*Who may set up:* admins"))
	}
	sections := []Section{{Text: text}, {Text: v.healthText(h, loc)}}
	if v.plan.Stopped {
		sections = append([]Section{{Text: v.say.text("*Everything is stopped.* Nothing is sent to this team until you start it again.")}}, sections...)
	}
	if len(lead) > 0 {
		sections = append([]Section{{Text: lead}}, sections...)
	}
	stop := Button{Label: v.say.line("Stop everything"), Action: Do("stop", "yes"), Danger: true}
	if v.plan.Stopped {
		stop = v.button("Start again", Do("stop", "no"))
	}
	return answer(v.say.line("Set-up"), sections,
		v.primary("Change", Do("setup", "form")), v.button("More", Do("moresetup")),
		v.button("Show the next post", Do("preview")), v.button("Send me one", Do("setup", "sample")), stop), nil
}

// channelText names a channel without pinging it.
func (v *visit) channelText(id string) Text {
	if id == "" {
		return v.say.text("no channel")
	}
	return B("#" + strings.TrimPrefix(id, "#"))
}

func (v *visit) healthText(h Health, loc *time.Location) Text {
	var text Text
	if h.Problem != "" {
		text = v.say.text("*Attention:* the last post did not get through (%s). Check that I am in the channel and may post, then press Change.\n", h.Problem)
	}
	stamp := func(t time.Time) Text {
		if t.IsZero() {
			return v.say.text("nothing yet")
		}
		return Text{{Style: Moment, Words: t.In(loc).Format("Mon 2 Jan 15:04"), At: t}}
	}
	text = Join(text, v.say.text("*Last sent:* %s \u00b7 *Next:* %s", stamp(h.LastSent), stamp(h.NextDue)))
	if h.InDoubt > 0 || h.Missed > 0 {
		text = Join(text, v.say.text("\n%s, %s in the last 35 days.", v.say.line("%d in doubt", h.InDoubt), v.say.line("%d missed slots", h.Missed)))
	}
	return text
}

func (v *visit) teamZone() *time.Location {
	if loc, ok := loadZone(v.plan.Zone); ok {
		return loc
	}
	if loc, ok := loadZone(v.Request.Zone); ok && v.plan.SetUp.IsZero() {
		return loc
	}
	return v.place
}

// audienceNames say whom the words fit.
var audienceNames = map[string]string{
	curriculum.Work: "a team at work", curriculum.Community: "a community", curriculum.Study: "a study group",
}

func (v *visit) setupForm() Form {
	day, minute := v.nudgeTime()
	weekday := Input{Name: "day", Label: v.say.line("On which day?"), Kind: PickOne, Value: strconv.Itoa(int(day))}
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		weekday.Options = append(weekday.Options, Option{v.weekdayName(d), strconv.Itoa(int(d))})
	}
	hour := Input{Name: "hour", Label: v.say.line("At what time?"), Kind: PickOne, Value: strconv.Itoa(minute)}
	for m := 4 * 60; m < 21*60; m += 60 {
		hour.Options = append(hour.Options, Option{clock(m), strconv.Itoa(m)})
	}
	if minute%60 != 0 {
		hour.Options = append(hour.Options, Option{clock(minute), strconv.Itoa(minute)})
	}
	audience := Input{Name: "audience", Label: v.say.line("Who is here?"), Kind: PickOne, Value: v.audience()}
	for _, a := range []string{curriculum.Work, curriculum.Community, curriculum.Study} {
		audience.Options = append(audience.Options, Option{v.say.line(audienceNames[a]), a})
	}
	return Form{
		Title: v.say.line("Set-up"), Action: Do("setup", "form"), Submit: v.say.line("Go on"),
		Lead: v.say.text("One post a week in one channel. You see the first one before it is sent."),
		Inputs: []Input{
			{Name: "channel", Label: v.say.line("In which channel?"), Kind: PickChannel, Value: v.plan.Channel},
			weekday, hour,
			{Name: "zone", Label: v.say.line("In which time zone?"), Hint: v.say.line("A city or an offset: Berlin, Sao Paulo, UTC+2"), Kind: Line, Value: v.teamZone().String(), Max: 60},
			audience,
		},
	}
}

// takeSetup keeps what the form says. A team that posts already goes on with
// it; a new one is shown its first post before anything is sent.
func (v *visit) takeSetup(ctx context.Context) (Reply, error) {
	form := v.setupForm()
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	zones := zonesNamed(answers["zone"])
	if len(zones) != 1 {
		fault := v.say.text("I do not know that place. Try the nearest big city, like *Berlin*, or *UTC+2*.")
		if len(zones) > 1 {
			fault = v.say.text("That could be %s. Please type one of them.", strings.Join(zones[:min(len(zones), 6)], ", "))
		}
		faulty, err := v.faulty(ctx, form, map[string]Text{"zone": fault})
		return deref(faulty), err
	}
	day, _ := strconv.Atoi(answers["day"])
	minute, _ := strconv.Atoi(answers["hour"])
	p := v.plan
	moved := p.Channel != answers["channel"]
	old := p.Channel
	p.Channel, p.Zone, p.Audience = answers["channel"], zones[0], answers["audience"]
	p.Spec = specAt(minute, time.Weekday(day))
	p.MayManage = orElse(p.MayManage, "admins")
	if p.SetUp.IsZero() {
		p.WeekStart, p.Owner = v.WeekStart, v.From
		if err := v.changeTeam(ctx, Change{TeamPlan: &p}); err != nil {
			return Reply{}, err
		}
		return v.firstPreview(), nil
	}
	ch := Change{TeamPlan: &p, Wishes: []Wish{v.nudgeWish(p)}}
	if moved {
		ch.Cancel = []Wish{{Kind: kindNudge, Subject: old, To: ChannelOf(v.Request.Team, old)}}
		ch.Wishes = append(ch.Wishes, v.introWish(p))
	}
	if err := v.changeTeam(ctx, ch); err != nil {
		return Reply{}, err
	}
	return v.setupPage(ctx, v.say.text("*Saved.*"))
}

// changeTeam applies ch and reads the team again.
func (v *visit) changeTeam(ctx context.Context, ch Change) error {
	if _, err := v.apply(ctx, ch); err != nil {
		return err
	}
	plan, err := v.Store.TeamSettings(ctx, v.Request.Team)
	if err != nil {
		return fmt.Errorf("team: %w", err)
	}
	v.plan = plan
	return nil
}

func (v *visit) nudgeWish(p TeamSettings) Wish {
	return Wish{Kind: kindNudge, Subject: p.Channel, To: ChannelOf(v.Request.Team, p.Channel), Spec: p.Spec, Zone: p.Zone}
}

// introWish is the channel's first post, at once: the admin asked for it.
func (v *visit) introWish(p TeamSettings) Wish {
	at := v.now.In(v.teamZone())
	return Wish{Kind: kindIntroduction, Subject: p.Channel, To: ChannelOf(v.Request.Team, p.Channel), Date: streak.DateOf(at), Minute: at.Hour()*60 + at.Minute(), Zone: p.Zone, Exact: true}
}

// firstPreview shows the introduction before it is sent.
func (v *visit) firstPreview() Reply {
	day, minute := v.nudgeTime()
	m := introduction(v.say, v.plan, day, minute)
	m.Sections = append([]Section{{Text: v.say.text("This is what %s would read first. Shall I post it and start?", v.channelText(v.plan.Channel))}}, m.Sections...)
	m.Buttons = []Button{v.primary("Post it and start", Do("setup", "start")), v.button("Change", Do("setup", "form")), v.button("Show the first nudge", Do("preview"))}
	return Reply{Message: &m, Replace: true}
}

func (v *visit) startTeam(ctx context.Context) (Reply, error) {
	p := v.plan
	if p.Channel == "" {
		form := v.setupForm()
		return Reply{Form: &form}, nil
	}
	if p.SetUp.IsZero() {
		p.SetUp = v.now
		if err := v.changeTeam(ctx, Change{TeamPlan: &p, Wishes: []Wish{v.nudgeWish(p), v.introWish(p)}}); err != nil {
			return Reply{}, err
		}
	}
	return v.setupPage(ctx, v.say.text("*Started.* The introduction goes out now, the first nudge at the time below."))
}

// sendSample sends the next post to the admin alone.
func (v *visit) sendSample(ctx context.Context) (Reply, error) {
	loc, _ := v.zone()
	at := v.now.In(loc)
	w := Wish{Kind: kindSample, Subject: v.Request.Team.ID, To: v.me(), Date: streak.DateOf(at), Minute: at.Hour()*60 + at.Minute(), Zone: loc.String(), Exact: true}
	if _, err := v.apply(ctx, Change{Wishes: []Wish{w}}); err != nil {
		return Reply{}, err
	}
	return v.setupPage(ctx, v.say.text("*On its way:* one direct message to you, as the channel would get it (once a day)."))
}

func stopCommand() Command { return Command{Verb: "stop", Hidden: true, Admin: true, Run: runStop} }

// runStop is the kill switch, and its way back.
func runStop(ctx context.Context, v *visit) (Reply, error) {
	p := v.plan
	p.Stopped = v.Arg(0) == "yes"
	if err := v.changeTeam(ctx, Change{TeamPlan: &p}); err != nil {
		return Reply{}, err
	}
	if p.Stopped {
		return v.setupPage(ctx, v.say.text("*Stopped.* Nothing more goes out, also what was queued."))
	}
	return v.setupPage(ctx, v.say.text("*Started again.*"))
}

func moreSetupCommand() Command {
	return Command{Verb: "moresetup", Hidden: true, Admin: true, Run: runMoreSetup}
}

func (v *visit) moreSetupForm() Form {
	start := Input{Name: "start", Label: v.say.line("Weeks begin on"), Kind: PickOne, Value: strconv.Itoa(int(v.weekStart())),
		Options: []Option{{v.say.line("Monday"), "1"}, {v.say.line("Sunday"), "0"}, {v.say.line("Saturday"), "6"}}}
	return Form{
		Title: v.say.line("More set-up"), Action: Do("moresetup"), Submit: v.say.line("Save"),
		Inputs: []Input{
			{Name: "who", Label: v.say.line("Who may set this up?"), Kind: PickOne, Value: orElse(v.plan.MayManage, "admins"),
				Options: []Option{{v.say.line("admins of the team"), "admins"}, {v.say.line("anyone in a channel, guests never"), "channel"}}},
			start,
			{Name: "help", Label: v.say.line("Who helps when it is serious?"), Hint: v.say.line("Named where someone writes of harm or fear, like: Amina in HR"), Kind: Line, Value: v.plan.HelpContact, Max: 80, Optional: true},
			{Name: "from", Label: v.say.line("Season break from"), Hint: v.say.line("A date like %s; empty for none", string(v.today().Add(30))), Kind: Line, Value: string(v.plan.BreakFrom), Max: 20, Optional: true},
			{Name: "until", Label: v.say.line("Season break until"), Hint: v.say.line("The last day without posts"), Kind: Line, Value: string(v.plan.BreakUntil), Max: 20, Optional: true},
		},
	}
}

func runMoreSetup(ctx context.Context, v *visit) (Reply, error) {
	if v.silent() {
		return v.silentPage(), nil
	}
	form := v.moreSetupForm()
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	from, until, faults := v.breakDates(answers)
	if len(faults) > 0 {
		faulty, err := v.faulty(ctx, form, faults)
		return deref(faulty), err
	}
	p := v.plan
	start, _ := strconv.Atoi(answers["start"])
	p.MayManage, p.WeekStart, p.HelpContact = answers["who"], time.Weekday(start), answers["help"]
	p.BreakFrom, p.BreakUntil = from, until
	if err := v.changeTeam(ctx, Change{TeamPlan: &p}); err != nil {
		return Reply{}, err
	}
	return v.setupPage(ctx, v.say.text("*Saved.*"))
}

func (v *visit) breakDates(answers map[string]string) (from, until streak.Date, faults map[string]Text) {
	faults = make(map[string]Text)
	if answers["from"] == "" && answers["until"] == "" {
		return "", "", faults
	}
	from, ok := dateTyped(answers["from"], v.today())
	if !ok {
		faults["from"] = v.say.text("I cannot read that as a day. Try *%s*.", string(v.today().Add(30)))
	}
	until, ok = dateTyped(answers["until"], v.today())
	switch {
	case !ok:
		faults["until"] = v.say.text("I cannot read that as a day. Try *%s*.", string(v.today().Add(44)))
	case faults["from"] == nil && until < from:
		faults["until"] = v.say.text("That is before the break begins.")
	case faults["from"] == nil && until.DaysSince(from) > 7*pauseWeeks:
		faults["until"] = v.say.text("A break lasts at most 12 weeks.")
	}
	return from, until, faults
}

func previewCommand() Command {
	return Command{Verb: "preview", Hidden: true, Admin: true, Run: runPreview}
}

// runPreview shows the next post as the channel will see it, to the admin alone.
func runPreview(ctx context.Context, v *visit) (Reply, error) {
	m, when, err := v.NextPost(ctx, v.Request.Team)
	if err != nil {
		return Reply{}, err
	}
	head := v.say.text("The first nudge would read like this:")
	if !when.IsZero() {
		head = v.say.text("This goes out on %s:", Text{{Style: Moment, Words: when.In(v.teamZone()).Format("Monday 2 January, 15:04"), At: when}})
	}
	m.Sections = append([]Section{{Text: head}}, m.Sections...)
	m.Buttons = []Button{v.button("Set-up", Do("setup"))}
	return Reply{Message: &m, Replace: true}, nil
}

// NextPost composes the team's next weekly nudge without sending it. when is
// zero if none is planned.
func (c *Coach) NextPost(ctx context.Context, t Team) (m Message, when time.Time, err error) {
	posts, when, err := c.ComingPosts(ctx, t, 1)
	if err != nil {
		return Message{}, time.Time{}, err
	}
	return posts[0], when, nil
}

// ComingPosts composes the team's next n weekly nudges as they stand now,
// without sending them. when is the instant of the first, zero if none is
// planned.
func (c *Coach) ComingPosts(ctx context.Context, t Team, n int) (posts []Message, when time.Time, err error) {
	plan, err := c.Store.TeamSettings(ctx, t)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("team: %w", err)
	}
	o, ok, err := c.Store.Planned(ctx, t, kindNudge)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("planned: %w", err)
	}
	if !ok {
		o = Occasion{Kind: kindNudge, Subject: plan.Channel, To: ChannelOf(t, plan.Channel), Date: streak.DateOf(c.Now().In(c.place)), Zone: plan.Zone}
	}
	for range n {
		choice, err := nudge{c}.Choose(ctx, o)
		if err != nil {
			return nil, time.Time{}, err
		}
		if choice.Skip != "" { // a break: what comes after it
			o.Date = o.Date.Add(7)
			continue
		}
		m, err := nudge{c}.Compose(ctx, o, choice)
		if err != nil {
			return nil, time.Time{}, err
		}
		posts = append(posts, m)
		o.Memory, o.Date = choice.Memory, o.Date.Add(7)
	}
	if len(posts) == 0 {
		return nil, o.At, &mistake{Message{Sections: []Section{{Text: c.say.text("A season break is on: nothing is posted for now.")}}}}
	}
	return posts, o.At, nil
}
