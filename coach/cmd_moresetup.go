package coach

import (
	"context"
	"strconv"
	"time"

	"rapport/coach/streak"
)

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
	if err := v.changeTeam(ctx, Change{TeamPlan: &p, Wishes: v.standing(p)}); err != nil {
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
