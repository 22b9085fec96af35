package curriculum

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The schema is this file: which kinds there are, which keys each has, and how
// long a text may be. Lengths are characters.

var (
	channels  = []string{InPerson, Video, Chat}
	audiences = []string{Work, Community, Study}
	people    = []string{"new", "remote", "lead", "boss", "client", "rooms", "any"}
	parts     = []string{"attention", "warmth", "in-step"}
	noteKinds = []string{"culture", "neurodiversity", "power", "remote"}
	cases     = []string{"rest_week", "after_break", "run_back", "after_pause", "milestone", "first"}
	harms     = []string{"harm", "danger", "manipulation", "pressure", "privacy", "health"}
	grades    = []string{"A", "B", "C", "D"}
)

var (
	slug       = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	claimID    = regexp.MustCompile(`^[A-Z]{2}-[0-9]{2}$`)
	rowID      = regexp.MustCompile(`^[A-Z0-9][a-z0-9]$`)
	searchWord = regexp.MustCompile(`^[^\sA-Z][^A-Z]{0,58}[^\sA-Z]$|^[^\sA-Z]$`)
)

const (
	claimHint = `must be a claim id like "CG-03"`
	rowHint   = `must be a row of the article map like "3f"`
	wordHint  = "search words are lower case, up to 60 characters, without spaces at either end"
)

// kind is one sort of item.
type kind struct {
	name  string
	id    *regexp.Regexp
	hint  string // an example id
	read  func(*reader, Item) any
	about func(*reader) string // topic from its own keys rather than from the id
}

const topicPrefix = `(s[1-6]|rep|eth)`

func topicKind(name string, read func(*reader, Item) any) kind {
	return kind{
		name: name, read: read, hint: "s3." + name + ".some-words",
		id: regexp.MustCompile(`^` + topicPrefix + `\.` + name + `(\.[a-z0-9]+(-[a-z0-9]+)*)+$`),
	}
}

func freeKind(name, prefix string, read func(*reader, Item) any) kind {
	return kind{
		name: name, read: read, hint: prefix + ".some-words",
		id: regexp.MustCompile(`^` + prefix + `(\.[a-z0-9]+(-[a-z0-9]+)*)+$`),
	}
}

// tipKind is a tip of a topic, or of writing and video, which have none.
func tipKind() kind {
	k := topicKind("tip", readTip)
	k.id = regexp.MustCompile(`^(chat|` + topicPrefix + `)\.tip(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)
	return k
}

// kinds lists every kind a file may hold as [[kind]].
func kinds() []kind {
	nudge := freeKind("weekly_nudge", `wk\.`+topicPrefix, readNudge)
	nudge.hint, nudge.about = "wk.s3.some-words", aboutNudge
	scenario := freeKind("scenario", "scn", readScenario)
	scenario.about = aboutStep(0)
	activity := freeKind("activity", "act", readActivity)
	activity.about = aboutStep(1)
	return []kind{
		topicKind("move", readMove), topicKind("do", readDo), topicKind("dont", readDont),
		topicKind("phrase", readPhrase), topicKind("mistake", readMistake), topicKind("note", readNote),
		topicKind("mission", readMission), tipKind(), topicKind("prompt", readPrompt),
		topicKind("card", readCard), nudge,
		freeKind("intro", "intro", readIntro), freeKind("first_step", "fw", readFirstStep),
		freeKind("comeback", "cb", readComeback),
		freeKind("guard", "guard", readGuard), freeKind("situation", "sit", readSituation),
		activity, scenario,
	}
}

// prefixOf names a step as ids do.
func prefixOf(n int) string { return "s" + strconv.Itoa(n) }

// readItem reads what all items have, and the topic the item belongs to.
func readItem(r *reader, k kind) Item {
	it := Item{ID: readID(r, k)}
	r.entry.id = it.ID
	it.Claims = r.names("claims", 0, claimID, claimHint)
	it.Covers = r.names("covers", 0, rowID, rowHint)
	it.Audience = r.some("audience", 0, audiences...)
	r.entry.topic = topicOfID(it.ID)
	if k.about != nil {
		r.entry.topic = k.about(r)
	}
	r.entry.claims, r.entry.covers, r.entry.audience = it.Claims, it.Covers, it.Audience
	return it
}

func readID(r *reader, k kind) string {
	v := r.take("id", isText, true)
	if v == nil {
		return ""
	}
	r.entry.id = v.text
	if !k.id.MatchString(v.text) {
		r.entry.id = ""
		r.fault(v.line, "bad id %q: the id of a %s looks like %q, in lower case letters, digits and hyphens", clip(v.text), k.name, k.hint)
	}
	return v.text
}

// clip keeps a value that is named in a fault to one short line.
func clip(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "..."
	}
	return s
}

var topicInID = regexp.MustCompile(`^(?:wk\.)?` + topicPrefix + `\.`)

func topicOfID(id string) string {
	if m := topicInID.FindStringSubmatch(id); m != nil {
		return m[1]
	}
	return ""
}

// aboutNudge reads step or topic, which must agree with the id.
func aboutNudge(r *reader) string {
	inID := topicOfID(r.entry.id)
	step, topic := r.take("step", isNumber, false), r.take("topic", isText, false)
	switch {
	case step == nil && topic == nil:
		if r.table.values["step"] == nil && r.table.values["topic"] == nil {
			r.fault(r.table.line, `step is missing (or topic, "repair" or "ethics")`)
		}
	case step != nil && topic != nil:
		r.fault(topic.line, "give step or topic, not both")
	case step != nil && inID != "" && inID != prefixOf(r.within("step", step, 1, 6)):
		r.fault(step.line, "step is %d, but the id says %s", step.number, inID)
	case topic != nil && inID != "" && inID != prefixOfKey(r.among("topic", topic, []string{Repair, Ethics})):
		r.fault(topic.line, "topic is %q, but the id says %s", clip(topic.text), inID)
	}
	return inID
}

// prefixOfKey is how ids name repair and ethics.
func prefixOfKey(key string) string {
	switch key {
	case Repair:
		return "rep"
	case Ethics:
		return "eth"
	}
	return ""
}

// aboutStep reads a step number, where 0 stands for repair.
func aboutStep(low int) func(*reader) string {
	return func(r *reader) string {
		if n := r.number("step", low, 6); n > 0 {
			return prefixOf(n)
		}
		return "rep"
	}
}

// readTopic reads [step] or [topic].
func readTopic(r *reader, name string) any {
	var t Topic
	if name == "step" {
		t.N = r.number("n", 1, 6)
		r.entry.id = "step " + strconv.Itoa(t.N)
		r.entry.topic = prefixOf(t.N)
		t.Key = r.text("key", 30)
		if t.Key != "" && (!slug.MatchString(t.Key) || t.Key == Repair || t.Key == Ethics) {
			r.fault(r.lineOf("key"), "key must be lower case words joined by hyphens, other than repair and ethics")
		}
		t.Parts = r.some("parts", 1, parts...)
	} else {
		t.Key = r.one("key", Repair, Ethics)
		r.entry.id = "topic " + t.Key
		r.entry.topic = prefixOfKey(t.Key)
	}
	r.entry.texts = nil // the key is not prose
	t.Title = r.text("title", 60)
	t.PublicTitle = r.maybe("public_title", 60)
	t.Essence = r.text("essence", 120)
	t.Why = r.text("why", 320)
	t.Sure = r.text("sure", 160)
	t.Claims = r.names("claims", 1, claimID, claimHint)
	t.Covers = r.names("covers", 0, rowID, rowHint)
	r.entry.claims, r.entry.covers = t.Claims, t.Covers
	return t
}

func readMove(r *reader, it Item) any {
	return Move{it, r.text("name", 30), r.text("how", 220), r.names("words", 0, searchWord, wordHint)}
}

func readDo(r *reader, it Item) any { return Rule{it, r.text("text", 110)} }

func readDont(r *reader, it Item) any { return Rule{it, r.badText("text", 110)} }

func readPhrase(r *reader, it Item) any {
	return Phrase{it, r.one("channel", channels...), r.text("say", 150), r.text("when", 90), r.names("words", 0, searchWord, wordHint)}
}

func readMistake(r *reader, it Item) any {
	return Mistake{it, r.badText("looks_like", 120), r.text("instead", 120), r.names("words", 0, searchWord, wordHint)}
}

func readNote(r *reader, it Item) any {
	return Note{it, r.one("kind", noteKinds...), r.text("text", 240)}
}

func readMission(r *reader, it Item) any {
	return Mission{
		Item: it, Title: r.text("title", 40), Level: r.number("level", 1, 3), Minutes: r.number("minutes", 1, 15),
		Channels: r.some("channels", 1, channels...), Text: r.text("text", 240), Say: r.maybe("say", 180),
		If: r.text("if", 90), Then: r.text("then", 110), DoneWhen: r.text("done_when", 90),
		SkipIf: r.text("skip_if", 100), IfFlat: r.text("if_flat", 140), Smaller: r.text("smaller", 120),
		For: r.some("for", 0, people...),
	}
}

func readNudge(r *reader, it Item) any {
	return Nudge{
		Item: it, Title: r.text("title", 40), Level: r.number("level", 1, 3), Do: r.text("do", 180), Say: r.text("say", 180),
		Minutes: r.number("minutes", 1, 15), Channels: r.some("channels", 1, channels...),
		SkipIf: r.text("skip_if", 60), Thread: r.text("thread", 110), IfFlat: r.text("if_flat", 140), Smaller: r.text("smaller", 120),
	}
}

func readTip(r *reader, it Item) any {
	return Tip{it, r.text("text", 240), r.some("for", 0, people...)}
}

func readPrompt(r *reader, it Item) any {
	return Prompt{it, r.text("text", 120), r.text("follow_up", 120)}
}

func readCard(r *reader, it Item) any {
	c := Card{Item: it, Kind: r.one("kind", "choice", "myth", "recall")}
	r.bad = true // the question may name a myth, and some answers are wrong
	c.Q, c.Options = r.text("q", 160), r.texts("options", 2, 4, 75)
	r.bad = false
	c.Why = r.text("why", 240)
	if v := r.take("answer", isNumber, true); v != nil {
		c.Answer = v.number
		if v.number < 0 || v.number >= len(c.Options) {
			r.fault(v.line, "answer is %d, but the options count from 0 to %d", v.number, len(c.Options)-1)
		}
	}
	return c
}

func readIntro(r *reader, it Item) any { return Intro{it, r.text("title", 60), r.text("text", 300)} }

func readFirstStep(r *reader, it Item) any {
	return FirstStep{it, r.text("title", 40), r.text("text", 240), r.maybe("say", 150)}
}

func readComeback(r *reader, it Item) any {
	c := Comeback{it, r.one("case", cases...), r.text("text", 300)}
	allowed := map[string][]string{
		"rest_week": {"{run}", "{left}"}, "after_break": {"{total}"},
		"run_back": {"{run}"}, "milestone": {"{weeks}"},
	}
	if slices.Contains(cases, c.Case) {
		r.blanks("text", c.Text, allowed[c.Case])
	}
	return c
}

func readGuard(r *reader, it Item) any {
	r.bad = true // names what it refuses
	g := Guard{Item: it, Case: r.one("case", harms...), Action: r.one("action", "refuse", "redirect", "stop"), Text: r.text("text", 300)}
	g.Words = r.names("words", 1, searchWord, wordHint)
	r.blanks("text", g.Text, []string{"{contact}"})
	return g
}

var blank = regexp.MustCompile(`\{[^{}]*\}?|\}`)

// blanks checks that a text has no {blank} but the allowed ones.
func (r *reader) blanks(key, text string, allowed []string) {
	for _, b := range blank.FindAllString(text, -1) {
		if !slices.Contains(allowed, b) {
			can := "none"
			if len(allowed) > 0 {
				can = strings.Join(allowed, ", ")
			}
			r.fault(r.lineOf(key), "%s may not use %s here (allowed: %s)", key, clip(b), can)
		}
	}
}

func readSituation(r *reader, it Item) any {
	s := Situation{
		Item: it, Title: r.text("title", 60), Goal: r.text("goal", 160), Minutes: r.number("minutes", 1, 30),
		Before: r.texts("before", 1, 6, 180), During: r.texts("during", 1, 6, 180), After: r.texts("after", 1, 6, 180),
		Wobble: r.text("wobble", 220), If: r.text("if", 90), Then: r.text("then", 110), Power: r.text("power", 220),
		For: r.some("for", 0, people...), Words: r.names("words", 0, searchWord, wordHint),
	}
	for _, v := range r.items("steps", isNumber, 1, 6) {
		n := r.within("steps", v, 0, 6)
		if slices.Contains(s.Steps, n) {
			r.fault(v.line, "steps names %d twice", n)
		}
		s.Steps = append(s.Steps, n)
	}
	r.bad = true
	s.Avoid = r.texts("avoid", 1, 6, 120)
	r.bad = false
	if v := r.take("say", isTable, true); v != nil {
		say := r.nested(v.table, "say")
		s.Say = Say{say.text(InPerson, 180), say.text(Video, 180), say.text(Chat, 180)}
		say.done()
	}
	return s
}

func readActivity(r *reader, it Item) any {
	a := Activity{
		Item: it, Title: r.text("title", 60), Minutes: r.number("minutes", 1, 120), People: r.text("people", 30),
		Modes: r.some("modes", 1, channels...), Goal: r.text("goal", 130), How: r.texts("how", 2, 8, 140),
		Say: r.text("say", 140), OptOut: r.text("opt_out", 140), Include: r.text("include", 140),
		Debrief: r.texts("debrief", 1, 4, 140),
	}
	return a
}

func readClaim(r *reader) Claim {
	c := Claim{
		ID: r.text("id", 10), Topic: r.text("topic", 30), Text: r.text("text", 400), Direction: r.text("direction", 30),
		Grade: r.one("grade", grades...), ShownGrade: r.one("shown_grade", grades...), Caveat: r.text("caveat", 400),
		Sources: r.names("sources", 1, regexp.MustCompile(`^[a-z0-9-]+$`), "must be the id of a source"),
	}
	if c.ID != "" && !claimID.MatchString(c.ID) {
		r.fault(r.lineOf("id"), "bad id %q: a claim id looks like \"CG-03\"", clip(c.ID))
	}
	if c.ShownGrade < c.Grade {
		r.fault(r.lineOf("shown_grade"), "shown_grade %s is better than grade %s", c.ShownGrade, c.Grade)
	}
	return c
}

func readSource(r *reader) Source {
	s := Source{ID: r.text("id", 60), Ref: r.text("ref", 600)}
	if s.ID != "" && !slug.MatchString(s.ID) {
		r.fault(r.lineOf("id"), "bad id %q: a source id looks like \"aron1997\"", clip(s.ID))
	}
	if v := r.take("doi", isText, false); v != nil { // "" says that there is none
		s.DOI = v.text
	}
	if v := r.take("checked", isText, false); v != nil { // "" says not yet
		s.Checked = v.text
	}
	return s
}
