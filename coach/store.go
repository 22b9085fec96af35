package coach

import (
	"context"
	"time"

	"rapport/coach/streak"
)

// A Store remembers people and teams. Implementations live in adapters and
// pass coachtest.TestStore.
//
// Writing is one call, [Store.Apply]. Everything a person typed (Note.Words,
// Flow.Words, Draft.Answers) is sealed by the store with that person's key
// before it touches a disk.
type Store interface {
	Writer
	People
	Notebook
	Teams
}

// A Writer changes what is remembered.
type Writer interface {
	// Apply does everything that one press changes, in one transaction, on
	// behalf of who, and keeps requestID for 7 days. If requestID was seen, or
	// the Key of one of c.Events is already in the person's log, nothing is
	// changed and Applied tells what the first one answered. When Apply
	// returns without an error the change is durable.
	Apply(ctx context.Context, requestID string, who Person, c Change) (Applied, error)

	// Forget erases everything about who at once: the key first, then every
	// row, also queued deliveries in every state; a keyed tombstone stays so
	// that a restored backup does not bring the person back. The Receipt says
	// what went.
	Forget(ctx context.Context, who Person) (Receipt, error)
}

// A Change is everything one press changes. The zero Change only records that
// the person was there.
type Change struct {
	Team     Team           // a membership to remember; zero for none
	Answer   string         // what was decided, such as item ids; never a person's words; at most 300 bytes
	Events   []streak.Event // appended to the person's log; the log's fold is stored beside it
	Settings *Settings      // replaces the person's settings
	Zone     string         // also moves the person's waiting schedules to this zone
	Unseen   bool           // not the person's doing: they were not there, and somebody unknown stays unknown

	AddNotes  []Note
	DropNotes []int64 // ids; others' ids are ignored
	PutFlows  []Flow  // added, or replacing the one with the same ID; empty Words keep what was sealed before
	DropFlows []string
	PutDraft  *Draft
	DropDraft string
	Wishes    []Wish        // added, or replacing the one with the same Kind and Subject
	Cancel    []Wish        // by Kind and Subject; also deliveries that were not sent yet
	Said      []Said        // items shown, so that they are not shown again soon
	TeamPlan  *TeamSettings // replaces Team's settings

	// The nudge with this id was tried, or that was taken back. It counts once
	// for each person in the figure of Team's last post, if it is of that nudge;
	// with the zero Team in those of all teams they belong to.
	Tried, Untried string
}

// Applied is the outcome of [Writer.Apply].
type Applied struct {
	First  bool   // false: the same request or meaning was applied before, and nothing changed now
	Answer string // Change.Answer of the call that was applied
	Self   Self   // what is known about the person now
}

// People reads what is known about one person. Somebody unknown reads as zero
// values and is not remembered by being asked about.
type People interface {
	Self(ctx context.Context, who Person) (Self, error)
	// Meet reads at once what every request begins with. The zero Person and
	// the zero Team read as nothing.
	Meet(ctx context.Context, who Person, t Team) (Met, error)
	Events(ctx context.Context, who Person) ([]streak.Event, error) // oldest first
	Said(ctx context.Context, who Person, since streak.Date) ([]Said, error)
	Receipt(ctx context.Context, who Person) (Receipt, error)
}

// A Notebook reads what a person wrote, opened for that person alone.
type Notebook interface {
	// Notes returns notes newest first, at most limit, with ids below before;
	// before 0 starts at the newest.
	Notes(ctx context.Context, who Person, before int64, limit int) ([]Note, error)
	FlowWords(ctx context.Context, who Person, id string) (string, error) // "" if there are none
	Draft(ctx context.Context, who Person, id string) (Draft, bool, error)
}

// Teams reads what a team chose.
type Teams interface {
	TeamSettings(ctx context.Context, t Team) (TeamSettings, error)
	TeamHealth(ctx context.Context, t Team) (Health, error)
	// Planned returns the occasion of kind that waits for the team's channel,
	// with its Memory, Date and Zone; At is the instant it is due.
	Planned(ctx context.Context, t Team, kind string) (Occasion, bool, error)
	// Tries closes the figure of the team's post of that nominal date and returns
	// what it says, see [AtLeast]. Who they were is forgotten with that; whoever
	// tries it later is not counted. Before it is closed nothing tells of it.
	Tries(ctx context.Context, t Team, on streak.Date) (atLeast int, err error)
	// Trouble returns why sending to the team's channel stopped, for whoever
	// may set the team up: "" if it did not, or if somebody was told.
	Trouble(ctx context.Context, t Team) (string, error)
	// Told notes that somebody was told of the team's trouble. To set the team
	// up again, or a post that gets through, ends the trouble and what was told.
	Told(ctx context.Context, t Team) error
}

// Self is what is known about a person, without anything they wrote.
type Self struct {
	Known      bool
	Since      time.Time // first seen
	Settings   Settings
	Ledger     streak.Ledger // the stored fold of the person's log; Advance it to today
	Flows      []Flow        // open ones, oldest first, Words left out
	Unanswered int           // messages sent since the person last did anything
	Undone     bool          // something was taken back: the log has an undo
	Closed     bool          // the last direct message found their door shut
}

// Met is somebody in a team: what Self, TeamSettings and, of the nudge,
// TeamHealth tell.
type Met struct {
	Self    Self
	Team    TeamSettings
	Nudge   string
	NudgeOn streak.Date
}

// Settings is what a person chose. The zero value is the default.
type Settings struct {
	Rhythm     Rhythm
	Minute     int         // local minute of the day for messages; 0 = the configured one
	Days       uint8       // weekdays for daily messages, bit 0 Sunday; 0 = Monday to Friday
	Zone       string      // IANA name; "" = the platform's, then the team's
	ZoneChosen bool        // the person named Zone themselves; else the platform told it
	ZoneAsked  bool        // they were asked once whether the assumed zone is theirs
	DoorTold   bool        // they were told that their direct messages are closed, since they last wished for one
	Language   string      // "" = the platform's, then the team's
	Mostly     string      // where they talk most: in_person, video, chat or ""
	Easier     string      // where they would like it to be easier: a step's number, a topic or ""
	PauseFrom  streak.Date // a pause; both empty for none
	PauseUntil streak.Date // last day of the pause
	Asked      int         // how often the coach has asked Keep / Fewer / Stop since the last answer
}

// A Rhythm says how many rhythm messages a week a person wants. Messages asked
// for at an exact time do not count.
type Rhythm string

// The rhythms.
const (
	Quiet  Rhythm = ""       // none: the default
	Weekly Rhythm = "weekly" // Thursday's question
	Some   Rhythm = "some"   // also two tips
	Daily  Rhythm = "daily"  // a tip on each chosen day
)

// A Note is a finished journal entry.
type Note struct {
	ID     int64 // set by the store; grows
	At     time.Time
	Date   streak.Date
	Prompt string // id of the prompt it answers, "" if none
	Item   string // id of what was practised, "" if none
	Words  string // sealed
}

// A Flow is something begun and not finished: a mission taken up, later also a
// rehearsal, a preparation, a repair.
type Flow struct {
	ID      string // a meaning key, unique per person
	Kind    string // "try"
	Item    string // curriculum id
	Edition string // hash of the edition it runs on
	Node    string // where in the flow the person is
	Week    streak.Date
	Made    time.Time
	Expires time.Time
	Words   string // sealed; not set when read through Self
}

// Over reports whether the time for it has passed at that instant. One that does
// not expire is never over.
func (f Flow) Over(at time.Time) bool { return !f.Expires.IsZero() && !f.Expires.After(at) }

// A Draft keeps what was typed into a form that had faults, for 24 hours.
type Draft struct {
	ID      string
	Action  Action            // what opens the form again
	Answers map[string]string // sealed
	Expires time.Time
}

// A Wish is something the coach is to say later. The store turns it into a row
// that the schedules sweep.
type Wish struct {
	Kind    string      // names the Speaker, such as "question"
	Subject string      // what it is about, such as a flow's id; Kind and Subject are unique per person or team
	To      Address     // zero = direct messages of the person who wished
	Spec    string      // five cron fields, for a standing wish; or
	Date    streak.Date // the local date,
	Minute  int         // and minute of the day, for a single one
	Zone    string      // IANA name
	Exact   bool        // asked for at this time: goes even on a day that had its message
}

// Said records that an item was shown to a person.
type Said struct {
	Item string
	Date streak.Date
}

// TeamSettings is what a team chose. The zero value means nothing was set up.
type TeamSettings struct {
	Channel     string // where the weekly nudge goes; "" = silent
	Spec        string // five cron fields of the nudge
	Zone        string
	WeekStart   time.Weekday
	Audience    string // work, community or study; "" = work
	Language    string
	HelpContact string
	MayManage   string      // "admins" or "channel"
	BreakFrom   streak.Date // season break, posts nothing
	BreakUntil  streak.Date
	Season      int       // the latest season whose end the owner was told of; -1 = that the posts have ended
	EveryOther  bool      // a post every other week only
	Stopped     bool      // the kill switch
	Owner       Person    // who set it up
	SetUp       time.Time // when it began to post; zero = it never did
}

// Health is what an admin may know about deliveries to a team.
type Health struct {
	Nudge     string      // curriculum id of the weekly nudge posted last, "" if none was
	NudgeOn   streak.Date // its nominal date
	LastPress time.Time   // when anybody of the team last did anything here
	LastSent  time.Time
	NextDue   time.Time
	InDoubt   int    // in the last 35 days
	Missed    int    // slots missed by downtime in the last 35 days
	Problem   string // why sending to the channel stopped, "" if it did not
}

// A Receipt counts what is kept about a person.
type Receipt struct {
	CheckIns, Notes, Flows, Messages int
	Zone                             string
	Rhythm                           Rhythm
	Since                            time.Time
}

// Keys seals what people type. Each person has a data key of their own, kept
// apart from the database; erasing it makes every copy unreadable.
type Keys interface {
	// Seal returns plain sealed with account's key, making one if there is
	// none; the key is durable before Seal returns. place (table and row)
	// binds the result: it opens nowhere else.
	Seal(ctx context.Context, account, place string, plain []byte) ([]byte, error)
	Open(ctx context.Context, account, place string, sealed []byte) ([]byte, error)
	// Erase destroys account's key and remembers who, keyed, for 30 days.
	Erase(ctx context.Context, account string, who Person, now time.Time) error
	// Erased reports whether who was erased and not seen since.
	Erased(ctx context.Context, who Person) (bool, error)
}
