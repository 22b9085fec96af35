package coach

import (
	"context"
	"errors"
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
	v.shown = h.Problem != ""
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
	r := answer(v.say.line("Set-up"), sections,
		v.primary("Change", Do("setup", "form")), v.button("More", Do("moresetup")),
		v.button("Show the next post", Do("preview")), v.button("Send me one", Do("setup", "sample")), stop)
	r.Message.Choices = &Select{Label: v.say.line("How often it comes"), Options: []Pick{
		{v.say.line("Every week"), Do("season", "on")}, {v.say.line("Every other week"), Do("season", "other")}, {v.say.line("A rest until ..."), Do("season", "rest")}}}
	return r, nil
}

// channelText names a channel.
func (v *visit) channelText(id string) Text {
	if id == "" {
		return v.say.text("no channel")
	}
	return Text{{Style: Channel, Words: id}}
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
	h, err := v.Store.TeamHealth(ctx, v.Request.Team)
	if err != nil {
		return Reply{}, fmt.Errorf("team health: %w", err)
	}
	if moved || p.SetUp.IsZero() || h.Problem != "" {
		if fault := v.unreachable(ctx, answers["channel"]); fault != nil {
			faulty, err := v.faulty(ctx, form, map[string]Text{"channel": fault})
			return deref(faulty), err
		}
	}
	p.Channel, p.Zone, p.Audience = answers["channel"], zones[0], answers["audience"]
	p.Spec = specAt(minute, time.Weekday(day))
	p.MayManage, p.Season = orElse(p.MayManage, "admins"), 0
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

// unreachable says why nothing can be posted to a channel, nil if something can
// or nobody knows: then the first post tells.
func (v *visit) unreachable(ctx context.Context, channel string) Text {
	if v.Reach == nil {
		return nil
	}
	e, ok := errors.AsType[*SendError](v.Reach(ctx, ChannelOf(v.Request.Team, channel)))
	switch {
	case !ok || e.Fate != Closed:
		return nil
	case e.Why == "" || e.Why == WhyNotIn:
		return v.say.text("I am not in that channel yet. %s, then send the form again.", orElse(e.Fix, v.say.line("Invite me there")))
	case e.Fix != "":
		return v.say.text("I cannot post there: %s. %s, then send the form again; or choose another channel.", e.Why, e.Fix)
	}
	return v.say.text("I cannot post there: %s. Choose another channel, or put that right and send the form again.", e.Why)
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

// standing is what a team that posts has planned. It is wished for again with
// each change: trouble with the channel may have ended it.
func (v *visit) standing(p TeamSettings) []Wish {
	if p.SetUp.IsZero() || p.Channel == "" {
		return nil
	}
	return []Wish{v.nudgeWish(p)}
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
	if err := v.changeTeam(ctx, Change{TeamPlan: &p, Wishes: v.standing(p)}); err != nil {
		return Reply{}, err
	}
	if p.Stopped {
		return v.setupPage(ctx, v.say.text("*Stopped.* Nothing more goes out, also what was queued."))
	}
	return v.setupPage(ctx, v.say.text("*Started again.*"))
}
