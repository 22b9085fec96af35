package slack

import (
	"context"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/blockkit"
	"rapport/coach"
)

// opened publishes the App Home of somebody who opened it.
func (d *desk) opened(e *errand, c caller, id string) {
	f := &follow{errand: e, gesture: gesture{way: byHome, id: id, by: c}}
	f.publishAnew(coach.Do(pages[0]), nil)
}

// pageAsked is the page of the App Home that was asked for there.
func (f *follow) pageAsked() (page coach.Action, ok bool) {
	return f.request.Action, f.way == byHome && isPage(f.request.Action)
}

// showHome answers a press in the App Home: a page takes its place, everything
// else opens over it, as it may hold a person's own words.
func (f *follow) showHome(reply coach.Reply, modal string) {
	if page, ok := f.pageAsked(); ok && reply.Message != nil {
		f.publish(page, *reply.Message)
		return
	}
	err := f.putModal(reply, modal)
	page, ok := pageIn(f.origin)
	if !ok {
		page = coach.Do(pages[0])
	}
	switch {
	case err != nil:
		f.publishAnew(page, coach.P("That did not open. Please press it once more."))
	case reply.Form == nil:
		f.publishAnew(page, nil)
	}
}

// publishAnew makes the person's App Home again, with a line on top if there is
// something to say.
func (f *follow) publishAnew(page coach.Action, line coach.Text) {
	g := gesture{way: byHome, id: f.id, by: f.by}
	r := coach.Request{ID: requestID(f.id + ":" + page.Verb), Action: page}
	reply, err := f.asking(&g).Handle(f.life(), r)
	reply = f.orSorry(reply, err)
	if reply.Message == nil {
		return
	}
	m := *reply.Message
	if line != nil {
		m.Sections = append([]coach.Section{{Text: line}}, m.Sections...)
	}
	f.publish(page, m)
}

// publish makes m the person's App Home.
func (f *follow) publish(page coach.Action, m coach.Message) {
	view := blockkit.Home(m, page.Verb)
	view.PrivateMetadata = encoded(page)
	err := f.insist(f.life(), repeatable, func(ctx context.Context) error {
		_, err := f.api.PublishViewContext(ctx, slackgo.PublishViewContextRequest{UserID: f.by.user, View: view})
		return err
	})
	if err != nil {
		f.Notify(Notice{What: "home not shown", Err: err})
	}
}
