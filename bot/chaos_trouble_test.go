package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"rapport/adapters/discord/discordtest"
	"rapport/adapters/slack/slacktest"
)

// A chaosTrouble is something that happens to a program p while it lives.
type chaosTrouble struct {
	name   string
	happen func(c *chaos, p *prey)
}

func (tr *chaosTrouble) String() string {
	if tr == nil {
		return "nothing yet"
	}
	return tr.name
}

// troubles are what lives have, one after the other.
func troubles() []chaosTrouble {
	all := []chaosTrouble{
		{"a second process", secondComes},
		{"replies that are lost", func(c *chaos, _ *prey) {
			c.fail(slacktest.Fault{Drop: slacktest.Unreplied, Times: 2}, discordtest.Fault{Drop: discordtest.Unreplied, Times: 2})
		}},
		{"the database is locked", func(c *chaos, _ *prey) { c.lockWhile(func() { c.awaitTyped(5) }) }},
		{"errors and waits", func(c *chaos, _ *prey) {
			c.fail(slacktest.Fault{Status: 503, Times: 2}, discordtest.Fault{Status: 502, Times: 2})
			c.fail(slacktest.Fault{RetryAfter: time.Second}, discordtest.Fault{RetryAfter: time.Second})
		}},
		{"two processes without the lock", twinComes},
		{"the network is cut", func(c *chaos, _ *prey) {
			for _, conn := range c.s.Conns() {
				conn.Drop()
			}
			c.d.Drop()
			c.fail(slacktest.Fault{Drop: slacktest.Unread, Times: 2}, discordtest.Fault{Drop: discordtest.Unread, Times: 2})
			c.awaitTyped(2)
		}},
		{"backups that are killed", func(c *chaos, _ *prey) { c.backupKilled() }},
		{"the network is slow", func(c *chaos, _ *prey) {
			c.fail(slacktest.Fault{Delay: time.Second, Late: time.Second, Times: 4}, discordtest.Fault{Delay: time.Second, Late: time.Second, Times: 4})
			c.s.Fail("response_url", slacktest.Fault{Delay: time.Second, Times: 4})
		}},
		{"nothing", func(*chaos, *prey) {}},
	}
	if *long {
		all = append(all, chaosTrouble{"replies that come too late", func(c *chaos, _ *prey) {
			c.fail(slacktest.Fault{Late: 12 * time.Second}, discordtest.Fault{Late: 12 * time.Second})
		}})
	}
	return all
}

// slackPost is the method, and discordPost the path, that messages are posted by.
const (
	slackPost   = "chat.postMessage"
	discordPost = "/channels/*/messages"
)

// fail makes what is posted next go wrong.
func (c *chaos) fail(slack slacktest.Fault, discord discordtest.Fault) {
	c.s.Heal(slackPost)
	c.d.Heal()
	c.s.Fail(slackPost, slack)
	c.d.Fail("POST", discordPost, discord)
	c.linger()
}

// calm ends all troubles of the network.
func (c *chaos) calm() {
	c.s.Heal("")
	c.d.Heal()
	c.linger()
}

// linger makes every post take a moment, so that there is one to be killed in.
func (c *chaos) linger() {
	c.s.Fail(slackPost, slacktest.Fault{Late: 60 * time.Millisecond, Times: -1})
	c.d.Fail("POST", discordPost, discordtest.Fault{Late: 60 * time.Millisecond, Times: -1})
}

// secondComes starts a second process on the same file: it says so and stops.
func secondComes(c *chaos, p *prey) {
	c.Helper()
	second := c.yard.start()
	want := fmt.Sprintf("rapport: another rapport, process %d, runs on this database", p.Process.Pid)
	if status := second.end(c.T); status != 1 || !strings.HasPrefix(second.out.String(), want) {
		c.Errorf("the second process: status %d, %q; want 1 and %q", status, second.out, want)
	}
}

// twinComes starts a second process on the same file by way of a symbolic link,
// which has a lock of its own, and kills it while both send.
func twinComes(c *chaos, p *prey) {
	c.Helper()
	if err := os.Symlink("rapport.db", filepath.Join(c.dir, "link.db")); err != nil && !os.IsExist(err) {
		c.Fatal(err)
	}
	twin := launch(c.T, c.bin, c.dir, append(c.clockVars(), c.vars...), "--config", "link.toml")
	await(c.T, "the second process is connected", func() bool {
		c.alive(twin)
		return len(c.s.Conns()) > 2 && len(c.d.Ready()) > 1
	})
	c.awaitTyped(5)
	c.awaitSettled(p, min(5, c.unsettled()/4))
	twin.signal(c.T, syscall.SIGKILL)
	twin.end(c.T)
	c.bury(twin)
}

// lockWhile keeps everybody else from writing to the database.
func (c *chaos) lockWhile(do func()) {
	c.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.dir, "rapport.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		c.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		c.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), "BEGIN IMMEDIATE"); err != nil {
		c.Fatal(err)
	}
	do()
	if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
		c.Error(err)
	}
}
