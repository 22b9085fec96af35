package coach

import (
	"context"
	"strconv"
	"strings"
	"time"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

func settingsCommand() Command {
	return Command{
		Verb: "settings", Aliases: []string{"rhythm", "timezone", "zone", "preferences"},
		Summary: "how often, when, and where you are",
		Run:     runSettings,
	}
}

// rhythms are what can be chosen, with what each means.
var rhythms = []struct {
	rhythm Rhythm
	label  string
}{
	{Quiet, "Quiet: nothing by itself"},
	{Weekly, "Weekly: one question on Thursdays"},
	{Some, "Some: the question on Thursdays, and two tips a week"},
	{Daily, "Daily: a tip on each day you choose"},
}

// rhythmValue is how a rhythm stands in a form, where no value may be empty.
func rhythmValue(r Rhythm) string { return orElse(string(r), "quiet") }

func runSettings(_ context.Context, v *visit) (Reply, error) {
	return v.settingsPage(nil), nil
}

// settingsPage shows what is chosen.
func (v *visit) settingsPage(lead Text) Reply {
	s := v.self.Settings
	loc, assumed := v.zone()
	label := ""
	for _, r := range rhythms {
		if r.rhythm == s.Rhythm {
			label = v.say.line(r.label)
		}
	}
	where := v.say.text("%s, now %s", loc.String(), v.local().Format("15:04"))
	if assumed {
		where = v.say.text("%s, now %s _(assumed: tell me yours)_", loc.String(), v.local().Format("15:04"))
	}
	text := Join(
		v.say.text("*Rhythm:* %s", label),
		v.say.text("\n*Hour:* %s", clock(v.messageMinute())),
		v.say.text("\n*Place:* %s", where))
	if s.Mostly != "" {
		text = Join(text, v.say.text("\n*You mostly talk:* %s", v.say.line(strings.ToLower(channelNames[s.Mostly]))))
	}
	if n, err := strconv.Atoi(s.Easier); err == nil {
		t, _ := v.ed.Step(n)
		text = Join(text, v.say.text("\n*Easier, please:* %s", t.Title))
	}
	sections := []Section{{Text: text}}
	if len(lead) > 0 {
		sections = append([]Section{{Text: lead}}, sections...)
	}
	return answer(v.say.line("Your settings"), sections,
		v.primary("Rhythm", Do("rhythm")), v.button("Place and habits", Do("place")), v.button("Pause", Do("pause")), v.button("Your data", Do("data")))
}

// messageMinute is the local minute of the day for tips.
func (v *visit) messageMinute() int {
	if m := v.self.Settings.Minute; m > 0 {
		return m
	}
	return minuteOf(v.Tip, 9*60+30)
}

func rhythmCommand() Command { return Command{Verb: "rhythm", Hidden: true, Run: runRhythm} }

func runRhythm(ctx context.Context, v *visit) (Reply, error) {
	form := v.rhythmForm()
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	s := v.self.Settings
	s.Asked, s.Rhythm = 0, Rhythm(answers["rhythm"])
	if answers["rhythm"] == rhythmValue(Quiet) {
		s.Rhythm = Quiet
	}
	s.Minute, _ = strconv.Atoi(answers["hour"])
	s.Days = daysOf(answers["days"])
	if _, err := v.apply(ctx, v.rhythmChange(s)); err != nil {
		return Reply{}, err
	}
	lead := v.say.text("*Saved.* I will not write to you unless you ask.")
	if s.Rhythm != Quiet {
		lead = v.say.text("*Saved.* At most one message a day, at %s. You can change that here any time.", clock(v.messageMinute()))
	}
	return v.settingsPage(lead), nil
}

func (v *visit) rhythmForm() Form {
	s := v.self.Settings
	in := Input{Name: "rhythm", Label: v.say.line("How often may I write to you?"), Kind: PickOne, Value: rhythmValue(s.Rhythm)}
	for _, r := range rhythms {
		in.Options = append(in.Options, Option{v.say.line(r.label), rhythmValue(r.rhythm)})
	}
	hour := Input{Name: "hour", Label: v.say.line("At what time, where you are?"), Kind: PickOne, Value: strconv.Itoa(v.messageMinute())}
	for m := 4 * 60; m < 21*60; m += 60 {
		hour.Options = append(hour.Options, Option{clock(m), strconv.Itoa(m)})
	}
	if m := v.messageMinute(); m%60 != 0 {
		hour.Options = append(hour.Options, Option{clock(m), strconv.Itoa(m)})
	}
	days := Input{Name: "days", Label: v.say.line("On which days? (for Daily)"), Kind: PickMany, Optional: true}
	var on []string
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		days.Options = append(days.Options, Option{v.say.line(d.String()), strconv.Itoa(int(d))})
		if daysOrDefault(s.Days)&(1<<d) != 0 {
			on = append(on, strconv.Itoa(int(d)))
		}
	}
	days.Value = strings.Join(on, ",")
	return Form{Title: v.say.line("Rhythm"), Action: Do("rhythm"), Submit: v.say.line("Save"), Inputs: []Input{in, hour, days},
		Lead: v.say.text("At most one message a day. A question you asked for at an exact time always comes.")}
}

func daysOf(answer string) uint8 {
	var days uint8
	for _, s := range strings.Split(answer, ",") {
		if d, err := strconv.Atoi(s); err == nil && d >= 0 && d < 7 {
			days |= 1 << d
		}
	}
	return days
}

func daysOrDefault(days uint8) uint8 {
	if days == 0 {
		return 0b0111110 // Monday to Friday
	}
	return days
}

// rhythmChange turns a rhythm into standing wishes, and takes back those that
// no longer hold.
func (v *visit) rhythmChange(s Settings) Change {
	old := v.self.Settings
	v.self.Settings = s
	defer func() { v.self.Settings = old }()
	loc, _ := v.zone()
	wish := func(subject, spec string) Wish {
		return Wish{Kind: kindRhythm, Subject: subject, To: v.me(), Spec: spec, Zone: loc.String()}
	}
	minute := v.messageMinute()
	friday := weekdayOf(v.Reflection, time.Friday)
	fridayMinute := minuteOf(v.Reflection, 16*60)
	if s.Minute > 0 {
		fridayMinute = minute
	}
	ch := Change{Settings: &s}
	put := func(on bool, w Wish) {
		if on {
			ch.Wishes = append(ch.Wishes, w)
		} else {
			ch.Cancel = append(ch.Cancel, w)
		}
	}
	var tips []time.Weekday
	for i := range 7 {
		d := time.Weekday(i)
		if d != friday && d != time.Thursday && (s.Rhythm == Daily && daysOrDefault(s.Days)&(1<<d) != 0 || s.Rhythm == Some && d == time.Tuesday) {
			tips = append(tips, d)
		}
	}
	put(s.Rhythm != Quiet, wish(subjectThursday, specAt(v.askMinute(), time.Thursday)))
	put(s.Rhythm == Some || s.Rhythm == Daily && daysOrDefault(s.Days)&(1<<friday) != 0, wish(subjectFriday, specAt(fridayMinute, friday)))
	put(len(tips) > 0, wish(subjectTips, specAt(minute, tips...)))
	return ch
}

func placeCommand() Command { return Command{Verb: "place", Hidden: true, Run: runPlace} }

func runPlace(ctx context.Context, v *visit) (Reply, error) {
	if _, ok := v.loadZone(v.Arg(1)); ok && v.Arg(0) == "keep" {
		return v.keepAssumed(ctx)
	}
	form := v.placeForm()
	if v.Answers == nil {
		return Reply{Form: &form}, nil
	}
	answers, faulty, err := v.read(ctx, form)
	if faulty != nil || err != nil {
		return deref(faulty), err
	}
	found := zonesNamed(answers["zone"])
	switch {
	case len(found) == 0:
		faulty, err := v.faulty(ctx, form, map[string]Text{"zone": v.say.text("I do not know that place. Try the nearest big city, like *Berlin* or *New York*, or *UTC+2*.")})
		return deref(faulty), err
	case len(found) > 1:
		faulty, err := v.faulty(ctx, form, map[string]Text{"zone": v.say.text("That could be %s. Please type one of them.", strings.Join(found[:min(len(found), 6)], ", "))})
		return deref(faulty), err
	}
	s := v.self.Settings
	s.Zone, s.ZoneChosen = found[0], true
	s.Mostly, s.Easier = strings.TrimSuffix(answers["mostly"], "any"), strings.TrimSuffix(answers["easier"], "any")
	if err := v.keepPlace(ctx, s); err != nil {
		return Reply{}, err
	}
	return v.settingsPage(v.say.text("*Saved.* Where you are it is %s now. If that is wrong, change it here.", v.local().Format("Monday 15:04"))), nil
}

// keepPlace keeps s, and moves to its zone what is planned.
func (v *visit) keepPlace(ctx context.Context, s Settings) error {
	ch := Change{Settings: &s}
	if s.Zone != v.self.Settings.Zone || !v.self.Settings.ZoneChosen {
		zone, err := v.zoneEvent(ctx, s.Zone)
		if err != nil {
			return err
		}
		ch.Events, ch.Zone = []streak.Event{zone}, s.Zone
	}
	_, err := v.apply(ctx, ch)
	return err
}

// asksZone reports whether to ask if the assumed zone is right, and notes in ch
// that it was asked: once is enough. Where the platform tells the zone nobody is
// asked.
func (v *visit) asksZone(ch *Change) bool {
	s := v.self.Settings
	if _, assumed := v.zone(); !assumed || s.ZoneAsked {
		return false
	}
	s.ZoneAsked = true
	ch.Settings = &s
	return true
}

// zoneQuestion asks by the clock, which people know better than the name of
// their zone. It is no Moment: that would show their own clock, right or wrong.
func (v *visit) zoneQuestion() Text {
	return v.say.text("*Is it %s where you are now?* I have to guess your time zone, and took %s. I ask this only once.",
		v.local().Format("15:04"), v.local().Location().String())
}

func (v *visit) zoneButtons() []Button {
	return []Button{
		v.primary("Yes, that is my time", Do("place", "keep", v.local().Location().String())),
		v.button("No, choose my zone", Do("place")),
	}
}

// keepAssumed takes the zone that was guessed for the person's own.
func (v *visit) keepAssumed(ctx context.Context) (Reply, error) {
	s := v.self.Settings
	s.Zone, s.ZoneChosen = v.Arg(1), true
	if err := v.keepPlace(ctx, s); err != nil {
		return Reply{}, err
	}
	return answer("", []Section{{Text: v.say.text("Good. I will go by that clock from now on. It is %s there now.", v.local().Format("Monday 15:04"))}},
		v.button("Home", Do("home")), v.button("Settings", Do("settings"))), nil
}

func (v *visit) placeForm() Form {
	loc, _ := v.zone()
	mostly := Input{Name: "mostly", Label: v.say.line("I mostly talk with people"), Kind: PickOne, Value: orElse(v.self.Settings.Mostly, "any"),
		Options: []Option{{v.say.line("in every way"), "any"}, {v.say.line("in person"), curriculum.InPerson}, {v.say.line("on video"), curriculum.Video}, {v.say.line("in writing"), curriculum.Chat}}}
	easier := Input{Name: "easier", Label: v.say.line("Where would you like it to be easier?"), Kind: PickOne, Value: orElse(v.self.Settings.Easier, "any"),
		Options: []Option{{v.say.line("nowhere in particular"), "any"}}}
	for i := range v.ed.Steps {
		easier.Options = append(easier.Options, Option{v.ed.Steps[i].Title, strconv.Itoa(v.ed.Steps[i].N)})
	}
	return Form{
		Title: v.say.line("Place and habits"), Action: Do("place"), Submit: v.say.line("Save"),
		Inputs: []Input{
			{Name: "zone", Label: v.say.line("Where are you? (time zone)"), Hint: v.say.line("A city or an offset: Berlin, Sao Paulo, UTC+2"), Kind: Line, Value: loc.String(), Max: 60},
			mostly, easier,
		},
	}
}
