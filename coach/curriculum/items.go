package curriculum

import "slices"

// Channels in which people meet.
const (
	InPerson = "in_person"
	Video    = "video"
	Chat     = "chat"
)

// Audiences a team may be.
const (
	Work      = "work"
	Community = "community"
	Study     = "study"
)

// Topic is one of the six steps, or repair, or ethics.
type Topic struct {
	Key         string // "common-ground", Repair, Ethics
	N           int    // 1 to 6, or 0
	Title       string
	PublicTitle string   // for a channel, where the title alone could sting; else ""
	Parts       []string // parts of rapport it feeds: attention, warmth, in-step
	Essence     string
	Why         string
	Sure        string // how sure we are of the topic as a whole, in words
	Claims      []string
	Covers      []string

	Moves    []Move
	Dos      []Rule
	Donts    []Rule
	Phrases  []Phrase
	Mistakes []Mistake
	Notes    []Note
	Missions []Mission
	Tips     []Tip
	Prompts  []Prompt
	Cards    []Card
	Nudges   []Nudge
}

// Public is the title for a channel that others read.
func (t *Topic) Public() string {
	if t.PublicTitle != "" {
		return t.PublicTitle
	}
	return t.Title
}

// Item is what all items have. Ids are stable and never used again for
// something else: a person's history refers to them.
type Item struct {
	ID       string
	Topic    string   // key of its topic; "" where it belongs to none
	Step     int      // 1 to 6; 0 for repair, ethics and items of no topic
	Claims   []string // ids of Edition.Claims
	Covers   []string // rows of the article map
	Audience []string // empty means all
}

// Fits reports whether the item is meant for this audience ("" is any).
func (i Item) Fits(audience string) bool {
	return audience == "" || len(i.Audience) == 0 || slices.Contains(i.Audience, audience)
}

// Move is one thing to do, with how.
type Move struct {
	Item
	Name  string
	How   string
	Words []string // synonyms and everyday openings by which it is found
}

// Rule is a do or a don't.
type Rule struct {
	Item
	Text string
}

// Phrase is a line to say in one channel.
type Phrase struct {
	Item
	Channel string // InPerson, Video or Chat
	Say     string
	When    string
	Words   []string
}

// Mistake is a slip and what to do instead.
type Mistake struct {
	Item
	LooksLike string
	Instead   string
	Words     []string
}

// Note widens a topic: Kind is culture, neurodiversity, power or remote.
type Note struct {
	Item
	Kind string
	Text string
}

// Mission is a small act with an if-then plan.
type Mission struct {
	Item
	Title    string // the act, lower-case start
	Level    int    // 1 to 3
	Minutes  int
	Channels []string
	Text     string
	Say      string // may be ""
	If       string
	Then     string
	DoneWhen string
	SkipIf   string // reads after "skip it if"
	IfFlat   string // what to do if it falls flat
	Smaller  string
	For      []string // new, remote, lead, boss, client, rooms, any; empty means any
}

// Offer is the mission as it is offered.
func (m Mission) Offer() Offer {
	return Offer{
		ID: m.ID, Topic: m.Topic, Step: m.Step, Level: m.Level, Title: m.Title,
		Do: m.Text, Say: m.Say, Minutes: m.Minutes, Channels: m.Channels,
		SkipIf: m.SkipIf, If: m.If, Then: m.Then, DoneWhen: m.DoneWhen,
		IfFlat: m.IfFlat, Smaller: m.Smaller,
		Audience: m.Audience, For: m.For, Claims: m.Claims,
	}
}

// Nudge is a weekly nudge for a channel.
type Nudge struct {
	Item
	Title    string // the act, lower-case start
	Level    int    // 1 to 3
	Do       string
	Say      string
	Minutes  int
	Channels []string
	SkipIf   string // reads after "skip it if"
	Thread   string // a light question anyone may answer in one line
	IfFlat   string
	Smaller  string
}

// Offer is the nudge as it is offered to one person.
func (n Nudge) Offer() Offer {
	return Offer{
		ID: n.ID, Topic: n.Topic, Step: n.Step, Level: n.Level, Title: n.Title,
		Do: n.Do, Say: n.Say, Minutes: n.Minutes, Channels: n.Channels,
		SkipIf: n.SkipIf, IfFlat: n.IfFlat, Smaller: n.Smaller,
		Audience: n.Audience, Claims: n.Claims,
	}
}

// Offer is what a person is offered to do, whether it began as a mission or
// as a weekly nudge. A nudge has no If, Then, DoneWhen and For.
type Offer struct {
	ID       string
	Topic    string
	Step     int
	Level    int
	Title    string
	Do       string
	Say      string
	Minutes  int
	Channels []string
	SkipIf   string
	If       string
	Then     string
	DoneWhen string
	IfFlat   string
	Smaller  string
	Audience []string
	For      []string
	Claims   []string
}

// Fits reports whether the offer is meant for this audience ("" is any).
func (o Offer) Fits(audience string) bool { return Item{Audience: o.Audience}.Fits(audience) }

// Tip is one idea for a day. Its topic is "" where it is about writing or video
// and no single step.
type Tip struct {
	Item
	Text string
	For  []string
}

// Prompt is a question to reflect on.
type Prompt struct {
	Item
	Text     string
	FollowUp string
}

// Card asks and answers: Kind is choice, myth or recall.
type Card struct {
	Item
	Kind    string
	Q       string
	Options []string // 2 to 4
	Answer  int      // index into Options
	Why     string
}

// Intro says what rapport is.
type Intro struct {
	Item
	Title string
	Text  string
}

// FirstStep is a quiet act for somebody's first days: in writing, and without
// meeting anyone. There are three.
type FirstStep struct {
	Item
	Title string // the act, lower-case start
	Text  string
	Say   string // may be ""
}

// Comeback is a line on a kept week or a return. Case is one of rest_week
// ({run}, {left}), after_break ({total}), run_back ({run}), after_pause,
// milestone ({weeks}), first.
type Comeback struct {
	Item
	Case string
	Text string
}

// Guard answers words that no exercise should answer. Case is harm, danger,
// manipulation, pressure, privacy or health; Action is refuse, redirect or
// stop; Text may use {contact}; Words are lower case.
type Guard struct {
	Item
	Case   string
	Action string
	Text   string
	Words  []string
}

// Say holds one line for each channel.
type Say struct {
	InPerson string
	Video    string
	Chat     string
}

// In returns the line for a channel.
func (s Say) In(channel string) string {
	switch channel {
	case InPerson:
		return s.InPerson
	case Video:
		return s.Video
	case Chat:
		return s.Chat
	}
	return ""
}

// Situation prepares one kind of meeting.
type Situation struct {
	Item
	Title   string
	Goal    string
	Steps   []int
	Minutes int
	Before  []string
	During  []string
	After   []string
	Say     Say
	Avoid   []string
	Wobble  string // what to do when it wobbles
	If      string
	Then    string
	Power   string // who holds power here, and what that asks
	For     []string
	Words   []string
}

// Activity is something a team does together.
type Activity struct {
	Item
	Title   string
	Minutes int
	People  string // "3-8", "pairs"
	Modes   []string
	Goal    string
	How     []string
	Say     string
	OptOut  string
	Include string
	Debrief []string
}

// Scenario is a branching talk. Its graph has no dangling, unreachable or
// cyclic nodes, and every node has a strong choice.
type Scenario struct {
	Item
	Title   string
	Channel string
	Minutes int
	Setup   string
	Start   string
	Nodes   []Node
	Ends    []End
}

// Node returns the node with this id.
func (s Scenario) Node(id string) (Node, bool) {
	i := slices.IndexFunc(s.Nodes, func(n Node) bool { return n.ID == id })
	if i < 0 {
		return Node{}, false
	}
	return s.Nodes[i], true
}

// End returns the end with this id.
func (s Scenario) End(id string) (End, bool) {
	i := slices.IndexFunc(s.Ends, func(e End) bool { return e.ID == id })
	if i < 0 {
		return End{}, false
	}
	return s.Ends[i], true
}

// Node is a moment with choices.
type Node struct {
	ID      string
	Text    string
	Choices []Choice
}

// Choice leads to a node or an end. Quality is strong, ok or weak.
type Choice struct {
	Text     string
	Quality  string
	Feedback string
	Next     string
}

// End closes a scenario.
type End struct {
	ID     string
	Text   string
	Lesson string
}

// Claim is one finding. Grades are letters, A (strongest) to D.
type Claim struct {
	ID         string
	Topic      string
	Grade      string
	ShownGrade string // the grade that people are told; never better than Grade
	Direction  string
	Text       string
	Caveat     string
	Sources    []string // ids of Edition.Sources
}

// Source is one publication. Checked says how it was read.
type Source struct {
	ID      string
	Ref     string
	DOI     string
	Checked string
}
