package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
)

// How many connections are open at once to an address that the program listens
// on. Whoever comes then waits in the system's queue until one ends; the
// servers end those that say nothing or too little.
const (
	chatConns  = 1024 // to which a platform, or the proxy before it, connects
	localConns = 256  // to the page, and to health and metrics
)

// listen listens on address for at most so many connections at once.
func listen(address string, conns int) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return &bounded{Listener: l, free: make(chan struct{}, conns), closed: make(chan struct{})}, nil
}

// listenNear listens on address. Where that is the default and taken, it tries
// the ports behind it.
func listenNear(address, standard string) (net.Listener, error) {
	l, err := listen(address, localConns)
	if err == nil || address != standard || !errors.Is(err, syscall.EADDRINUSE) {
		return l, err
	}
	host, _, _ := net.SplitHostPort(address)
	var port int
	fmt.Sscanf(address[strings.LastIndexByte(address, ':')+1:], "%d", &port)
	for n := port + 1; n < port+50; n++ {
		if l, err := listen(net.JoinHostPort(host, fmt.Sprint(n)), localConns); err == nil {
			return l, nil
		}
	}
	return nil, err
}

// A bounded listener takes the next connection when one of those it took ends.
type bounded struct {
	net.Listener
	free   chan struct{} // holds one for each open connection
	closed chan struct{}
	once   sync.Once
}

// Accept implements [net.Listener].
func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.free <- struct{}{}:
	case <-b.closed:
		return nil, net.ErrClosed
	}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.free
		return nil, err
	}
	return &heldConn{Conn: c, leave: func() { <-b.free }}, nil
}

// Close implements [net.Listener].
func (b *bounded) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Listener.Close()
}

// A heldConn gives its place back when it is closed first.
type heldConn struct {
	net.Conn
	once  sync.Once
	leave func()
}

// Close implements [net.Conn].
func (c *heldConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.leave)
	return err
}
