package sqlite

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"strconv"
)

type sealedNote struct {
	row   string
	words []byte
}

// accountKey names an account to the keys file.
func accountKey(id int64) string { return strconv.FormatInt(id, 36) }

func newAccount() int64 {
	var b [8]byte
	rand.Read(b[:])
	return int64(binary.BigEndian.Uint64(b[:])>>1) | 1
}

// seal seals every word of the change.
func (p *press) seal(ctx context.Context, db *DB) error {
	if !p.hasWords() {
		return nil
	}
	k, err := db.known(ctx, p.who)
	if err != nil {
		return err
	}
	if k != nil {
		p.account = k.account
	} else {
		p.account, p.fresh = newAccount(), true
	}
	key := accountKey(p.account)
	for _, n := range p.change.AddNotes {
		row := rand.Text()
		words, err := p.keys.Seal(ctx, key, "note/"+row, []byte(n.Words))
		if err != nil {
			return err
		}
		p.notes = append(p.notes, sealedNote{row, words})
	}
	p.flows = make([][]byte, len(p.change.PutFlows))
	for i, f := range p.change.PutFlows {
		if f.Words == "" {
			continue
		}
		if p.flows[i], err = p.keys.Seal(ctx, key, "flow/"+f.ID, []byte(f.Words)); err != nil {
			return err
		}
	}
	if d := p.change.PutDraft; d != nil {
		body := marshal(draftRow{Verb: d.Action.Verb, Args: d.Action.Args, Answers: d.Answers})
		if p.draft, err = p.keys.Seal(ctx, key, "draft/"+d.ID, []byte(body)); err != nil {
			return err
		}
	}
	return nil
}

func (p *press) hasWords() bool {
	if len(p.change.AddNotes) > 0 || p.change.PutDraft != nil {
		return true
	}
	for _, f := range p.change.PutFlows {
		if f.Words != "" {
			return true
		}
	}
	return false
}
