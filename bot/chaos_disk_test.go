package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// diskFull runs the program on a small disk that others fill: once until there
// is room again, and once until it is killed and cannot start.
func diskFull(t *testing.T, bin string) *chaos {
	const megabytes, each = 24, 10
	dir := smallDisk(t, megabytes)
	c := newChaos(t, bin, dir, each)
	c.seed(each / 2)
	c.begin()
	filler := filepath.Join(dir, "filler")

	p := c.start()
	c.awaitConnected(p)
	c.awaitTyped(5)
	fill(t, filler, megabytes<<20)
	await(t, "somebody is told that it did not work", func() bool { return strings.Contains(p.out.String(), "is full") })
	c.awaitTyped(10)
	c.empty(filler)
	c.expire(p)              // of what was sent and could not be settled
	c.awaitSettled(p, 1<<30) // by itself
	p.signal(t, syscall.SIGKILL)
	p.end(t)
	c.bury(p)

	c.seed(each / 2)
	p = c.start()
	c.awaitConnected(p)
	fill(t, filler, megabytes<<20)
	c.awaitTyped(5)
	p.signal(t, syscall.SIGKILL)
	p.end(t)
	p2 := c.start()
	if status, out := p2.end(t), p2.out.String(); status != 1 || !strings.Contains(out, "free some space") && !strings.Contains(out, "no space left on device") {
		t.Errorf("on a full disk: status %d, %q; want 1 and that it is full", status, out)
	}
	c.empty(filler)
	c.bury(p)
	c.drain()
	c.wantAnswers()
	return c
}

func (c *chaos) empty(filler string) {
	c.Helper()
	if err := os.Remove(filler); err != nil {
		c.Fatal(err)
	}
}

// smallDisk is a folder with so much room.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", megabytes), "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED ON A FULL DISK: only root on Linux can make a small one: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir
}
