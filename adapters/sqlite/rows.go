package sqlite

import (
	"encoding/json"
	"fmt"
	"time"

	"rapport/coach"
	"rapport/coach/streak"
)

// The types in this file are what is stored as JSON. They are apart from the
// domain's, so that renaming a field there cannot lose what was stored. Fields
// are only ever added.

// settingsRow is account.settings.
type settingsRow struct {
	Rhythm     string `json:"rhythm,omitempty"`
	Minute     int    `json:"minute,omitempty"`
	Days       uint8  `json:"days,omitempty"`
	Zone       string `json:"zone,omitempty"`
	ZoneChosen bool   `json:"zone_chosen,omitempty"`
	ZoneAsked  bool   `json:"zone_asked,omitempty"`
	DoorTold   bool   `json:"door_told,omitempty"`
	Language   string `json:"language,omitempty"`
	Mostly     string `json:"mostly,omitempty"`
	Easier     string `json:"easier,omitempty"`
	PauseFrom  string `json:"pause_from,omitempty"`
	PauseUntil string `json:"pause_until,omitempty"`
	Asked      int    `json:"asked,omitempty"`
}

func storeSettings(s coach.Settings) string {
	return marshal(settingsRow{
		Rhythm: string(s.Rhythm), Minute: s.Minute, Days: s.Days, Zone: s.Zone, ZoneChosen: s.ZoneChosen, ZoneAsked: s.ZoneAsked, DoorTold: s.DoorTold,
		Language: s.Language, Mostly: s.Mostly, Easier: s.Easier,
		PauseFrom: string(s.PauseFrom), PauseUntil: string(s.PauseUntil), Asked: s.Asked,
	})
}

func loadSettings(text string) (coach.Settings, error) {
	var r settingsRow
	if err := unmarshal("settings", text, &r); err != nil {
		return coach.Settings{}, err
	}
	return coach.Settings{
		Rhythm: coach.Rhythm(r.Rhythm), Minute: r.Minute, Days: r.Days, Zone: r.Zone, ZoneChosen: r.ZoneChosen, ZoneAsked: r.ZoneAsked, DoorTold: r.DoorTold,
		Language: r.Language, Mostly: r.Mostly, Easier: r.Easier,
		PauseFrom: streak.Date(r.PauseFrom), PauseUntil: streak.Date(r.PauseUntil), Asked: r.Asked,
	}, nil
}

// teamRow is team.settings. The owner, the week start and the kill switch are
// columns.
type teamRow struct {
	Channel     string `json:"channel,omitempty"`
	Spec        string `json:"spec,omitempty"`
	Zone        string `json:"zone,omitempty"`
	Audience    string `json:"audience,omitempty"`
	Language    string `json:"language,omitempty"`
	HelpContact string `json:"help_contact,omitempty"`
	MayManage   string `json:"may_manage,omitempty"`
	BreakFrom   string `json:"break_from,omitempty"`
	BreakUntil  string `json:"break_until,omitempty"`
	SetUp       int64  `json:"set_up,omitempty"` // microseconds; 0 = not set up
	EveryOther  bool   `json:"every_other,omitempty"`
	Season      int    `json:"season,omitempty"`
	WeekChosen  bool   `json:"week_chosen,omitempty"`
}

func storeTeam(s coach.TeamSettings) string {
	r := teamRow{
		Channel: s.Channel, Spec: s.Spec, Zone: s.Zone, Audience: s.Audience, Language: s.Language,
		HelpContact: s.HelpContact, MayManage: s.MayManage,
		BreakFrom: string(s.BreakFrom), BreakUntil: string(s.BreakUntil), WeekChosen: true,
		EveryOther: s.EveryOther, Season: s.Season,
	}
	if !s.SetUp.IsZero() {
		r.SetUp = micros(s.SetUp)
	}
	return marshal(r)
}

func loadTeam(text string, weekStart int, stopped bool) (coach.TeamSettings, error) {
	var r teamRow
	if err := unmarshal("team", text, &r); err != nil {
		return coach.TeamSettings{}, err
	}
	s := coach.TeamSettings{
		Channel: r.Channel, Spec: r.Spec, Zone: r.Zone, Audience: r.Audience, Language: r.Language,
		HelpContact: r.HelpContact, MayManage: r.MayManage,
		BreakFrom: streak.Date(r.BreakFrom), BreakUntil: streak.Date(r.BreakUntil), Stopped: stopped,
		EveryOther: r.EveryOther, Season: r.Season,
	}
	if r.WeekChosen {
		s.WeekStart = time.Weekday(weekStart)
	}
	if r.SetUp != 0 {
		s.SetUp = instant(r.SetUp)
	}
	return s, nil
}

// payloadRow is outbox.payload: what a delivery will say, without any words.
type payloadRow struct {
	Composer string    `json:"composer,omitempty"`
	Items    []string  `json:"items,omitempty"`
	Edition  string    `json:"edition,omitempty"`
	Skip     string    `json:"skip,omitempty"`
	Stop     bool      `json:"stop,omitempty"`
	Memory   []byte    `json:"memory,omitempty"`
	Said     []saidRow `json:"said,omitempty"`
}

type saidRow struct {
	Item string `json:"item"`
	Date string `json:"date"`
}

// draftRow is draft.body before it is sealed.
type draftRow struct {
	Verb    string            `json:"verb"`
	Args    []string          `json:"args,omitempty"`
	Answers map[string]string `json:"answers,omitempty"`
}

func marshal(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // the types above cannot fail
		panic(err)
	}
	return string(b)
}

func unmarshal(what, text string, v any) error {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("stored %s: %w", what, err)
	}
	return nil
}

// blob stores nil as NULL.
func blob(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}
