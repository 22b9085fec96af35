package main

import (
	"reflect"
	"testing"
)

func TestUntouched(t *testing.T) {
	const smaps = `00400000-00f07000 r-xp 00000000 fe:00 11                            /opt/rapport
Size:              11292 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me sd
00f07000-01aaf000 r--p 00b07000 fe:00 11                            /opt/rapport
Private_Dirty:         8 kB
Anonymous:             8 kB
01aaf000-01abf000 r--p 00b07000 fe:00 11                            /opt/rapport
Anonymous:             0 kB
01bad000-01bb0000 rw-p 016af000 fe:00 11                            /opt/rapport
Anonymous:             0 kB
01bb0000-03bf9000 r--p 00000000 00:00 0
Anonymous:             0 kB
7f586a740000-7f586a880000 r-xp 00000000 fe:00 12                    /lib/libc.so.6
Anonymous:             0 kB
7f586a880000-7f586a890000 r--s 00000000 fe:00 11                    /opt/rapport
Anonymous:             0 kB
`
	want := []mapping{{0x400000, 0xf07000}, {0x1aaf000, 0x1abf000}}
	if got := untouched(smaps, "/opt/rapport"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// TestForgetPages gives back the pages of the test itself, which runs on.
func TestForgetPages(t *testing.T) {
	for range 3 {
		forgetPages()
	}
	TestUntouched(t)
}
