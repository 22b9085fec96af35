package main

import "testing"

// TestTextOf: only what nobody can write to may be taken out of memory.
func TestTextOf(t *testing.T) {
	const path = "/opt/ra pport"
	for _, x := range []struct {
		line string
		want bool
	}{
		{"00400000-00ef8000 r-xp 00000000 fe:00 10186712                           /opt/ra pport\n", true},
		{"00ef8000-01a90000 r--p 00af8000 fe:00 10186712                           /opt/ra pport\n", true},
		{"01a90000-01b8e000 rw-p 01690000 fe:00 10186712                           /opt/ra pport\n", false},
		{"7f0000000000-7f0000008000 r--s 00000000 fe:00 1                          /opt/ra pport\n", false},
		{"7f0000000000-7f0000008000 r-xp 00000000 fe:00 1                          /lib/libc.so.6\n", false},
		{"7f0000000000-7f0000008000 r--p 00000000 00:00 0 \n", false},
		{"/opt/ra pport\n", false},
	} {
		from, to, ok := textOf(x.line, path)
		if ok != x.want {
			t.Errorf("textOf(%q) = %v, want %v", x.line, ok, x.want)
		}
		if ok && from >= to {
			t.Errorf("textOf(%q) = %x to %x", x.line, from, to)
		}
	}
}

// TestUnmapText: the process runs on.
func TestUnmapText(t *testing.T) {
	unmapText()
	if from, to, ok := textOf("1000-3000 r-xp 0 0:0 1 /x", "/x"); from != 0x1000 || to != 0x3000 || !ok {
		t.Errorf("textOf = %x, %x, %v", from, to, ok)
	}
}
