package coach

import (
	"slices"
	"strings"
	"time"

	"rapport/coach/curriculum"
	"rapport/coach/streak"
)

// A person who takes up an offer opens a flow of kind "try". Its node says
// where it stands; a check-in closes it, and undoing the check-in opens it
// again.
const (
	flowTry = "try"

	nodeOpen = "open" // taken up
	nodeDone = "done" // checked in
	nodeLate = "late" // checked in without having been taken up before
)

// keepFlow is how long a flow is kept after its week began.
const keepFlow = 21 * 24 * time.Hour

// tryID is the meaning key of one offer in one week.
func tryID(week streak.Date, item string) string {
	return strings.Join([]string{flowTry, string(week), item}, "/")
}

// splitTry is the inverse of tryID.
func splitTry(id string) (week streak.Date, item string, ok bool) {
	kind, rest, _ := strings.Cut(id, "/")
	start, item, ok := strings.Cut(rest, "/")
	if !ok || kind != flowTry {
		return "", "", false
	}
	week = streak.Date(start)
	return week, item, week.Valid()
}

func (v *visit) newFlow(week streak.Date, item, node string) Flow {
	return Flow{
		ID: tryID(week, item), Kind: flowTry, Item: item, Edition: v.ed.Hash, Node: node,
		Week: week, Made: v.now, Expires: v.now.Add(keepFlow),
	}
}

// openFlows are the offers taken up and not answered yet, oldest first.
func (v *visit) openFlows() (open []Flow) {
	for _, f := range v.self.Flows {
		if f.Kind != flowTry || f.Node != nodeOpen || f.Over(v.now) {
			continue
		}
		if _, known := v.ed.Offer(f.Item); known {
			open = append(open, f)
		}
	}
	return open
}

func (v *visit) flow(id string) (Flow, bool) {
	i := slices.IndexFunc(v.self.Flows, func(f Flow) bool { return f.ID == id })
	if i < 0 {
		return Flow{}, false
	}
	return v.self.Flows[i], true
}

// offerOf returns the flow and the offer a button names. A button of another
// person's message, or of an edition that is gone, names neither.
func (v *visit) offerOf(id string) (Flow, curriculum.Offer, error) {
	f, ok := v.flow(id)
	if !ok {
		return Flow{}, curriculum.Offer{}, v.mistake("I do not have that one open any more. `/rapport done` shows what is.")
	}
	o, ok := v.ed.Offer(f.Item)
	if !ok {
		return Flow{}, curriculum.Offer{}, v.gone()
	}
	return f, o, nil
}
