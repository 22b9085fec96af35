package curriculum

import "sync"

// build sorts the merged entries into an edition.
func build(entries []*entry) *Edition {
	e := &Edition{
		Claims: map[string]Claim{}, Sources: map[string]Source{},
		Grades: map[string]string{},
	}
	for i := range e.Steps {
		e.Steps[i].N = i + 1
	}
	e.Repair.Key, e.Ethics.Key = Repair, Ethics
	for _, en := range entries {
		if en != nil {
			e.entries = append(e.entries, en)
			e.head(en)
		}
	}
	for _, en := range e.entries {
		e.place(en)
	}
	e.index = e.makeIndex()
	e.triggers = sync.OnceValue(e.makeTriggers) // when the first is asked for: most loads never ask
	return e
}

// head takes the entries that items refer to.
func (e *Edition) head(en *entry) {
	switch v := en.value.(type) {
	case Topic:
		*e.topicOf(en) = v
	case Claim:
		e.Claims[v.ID] = v
	case Source:
		e.Sources[v.ID] = v
	case map[string]string:
		e.Grades = v
	}
}

// topicOf returns the topic an entry belongs to, or nil.
func (e *Edition) topicOf(en *entry) *Topic {
	switch en.topic {
	case "rep":
		return &e.Repair
	case "eth":
		return &e.Ethics
	case "":
		return nil
	}
	return &e.Steps[en.topic[1]-'1']
}

// place appends an item to its list.
func (e *Edition) place(en *entry) {
	t, about := e.topicOf(en), func(it Item) Item { return it }
	if t != nil {
		about = func(it Item) Item {
			it.Topic, it.Step = t.Key, t.N
			return it
		}
	}
	switch v := en.value.(type) {
	case Move:
		v.Item = about(v.Item)
		t.Moves = append(t.Moves, v)
	case Rule:
		v.Item = about(v.Item)
		if en.kind == "do" {
			t.Dos = append(t.Dos, v)
		} else {
			t.Donts = append(t.Donts, v)
		}
	case Phrase:
		v.Item = about(v.Item)
		t.Phrases = append(t.Phrases, v)
	case Mistake:
		v.Item = about(v.Item)
		t.Mistakes = append(t.Mistakes, v)
	case Note:
		v.Item = about(v.Item)
		t.Notes = append(t.Notes, v)
	case Mission:
		v.Item = about(v.Item)
		t.Missions = append(t.Missions, v)
	case Tip:
		v.Item = about(v.Item)
		if t == nil {
			e.ChatTips = append(e.ChatTips, v)
		} else {
			t.Tips = append(t.Tips, v)
		}
	case Prompt:
		v.Item = about(v.Item)
		t.Prompts = append(t.Prompts, v)
	case Card:
		v.Item = about(v.Item)
		t.Cards = append(t.Cards, v)
	case Nudge:
		v.Item = about(v.Item)
		t.Nudges = append(t.Nudges, v)
	case Intro:
		e.Intros = append(e.Intros, v)
	case FirstStep:
		e.FirstSteps = append(e.FirstSteps, v)
	case Comeback:
		e.Comebacks = append(e.Comebacks, v)
	case Guard:
		e.Guards = append(e.Guards, v)
	case Situation:
		e.Situations = append(e.Situations, v)
	case Activity:
		v.Item = about(v.Item)
		e.Activities = append(e.Activities, v)
	case Scenario:
		v.Item = about(v.Item)
		e.Scenarios = append(e.Scenarios, v)
	}
}

func (e *Edition) makeIndex() index {
	x := index{
		moves: map[string]*Move{}, missions: map[string]*Mission{}, nudges: map[string]*Nudge{},
		tips: map[string]*Tip{}, prompts: map[string]*Prompt{}, cards: map[string]*Card{}, phrases: map[string]*Phrase{},
		comebacks:  byID(e.Comebacks, func(v *Comeback) string { return v.ID }),
		guards:     byID(e.Guards, func(v *Guard) string { return v.ID }),
		situations: byID(e.Situations, func(v *Situation) string { return v.ID }),
		activities: byID(e.Activities, func(v *Activity) string { return v.ID }),
		scenarios:  byID(e.Scenarios, func(v *Scenario) string { return v.ID }),
	}
	collect(x.tips, e.ChatTips, func(v *Tip) string { return v.ID })
	for _, t := range e.Topics() {
		collect(x.moves, t.Moves, func(v *Move) string { return v.ID })
		collect(x.missions, t.Missions, func(v *Mission) string { return v.ID })
		collect(x.nudges, t.Nudges, func(v *Nudge) string { return v.ID })
		collect(x.tips, t.Tips, func(v *Tip) string { return v.ID })
		collect(x.prompts, t.Prompts, func(v *Prompt) string { return v.ID })
		collect(x.cards, t.Cards, func(v *Card) string { return v.ID })
		collect(x.phrases, t.Phrases, func(v *Phrase) string { return v.ID })
	}
	return x
}

func byID[T any](list []T, id func(*T) string) map[string]*T {
	m := make(map[string]*T, len(list))
	collect(m, list, id)
	return m
}

func collect[T any](m map[string]*T, list []T, id func(*T) string) {
	for i := range list {
		m[id(&list[i])] = &list[i]
	}
}
