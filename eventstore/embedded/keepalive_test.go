package embedded_test

import (
	"net"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// Official clients ping every 10 s, also when idle. grpc-go's own policy forgives
// two pings that come too soon and then cuts the client off; so two are spent
// here, and a third comes at an interval that only our policy allows.
func TestPingsOfAnIdleClientAreWelcome(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for the interval between pings")
	}
	f := open(t)
	conn, err := new(net.Dialer).DialContext(within(t), "tcp", f.server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(http2.ClientPreface)); err != nil {
		t.Fatal(err)
	}
	framer := http2.NewFramer(conn, conn)
	if err := framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		ping(t, framer)
	}
	<-time.After(5100 * time.Millisecond) // the interval itself is what is tested
	ping(t, framer)
	// A ping is answered before it is judged; the answer to this comes after.
	if err := framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	await(t, framer, http2.FrameSettings, http2.FlagSettingsAck)
}

func ping(t *testing.T, framer *http2.Framer) {
	t.Helper()
	if err := framer.WritePing(false, [8]byte{1}); err != nil {
		t.Fatal(err)
	}
	await(t, framer, http2.FramePing, http2.FlagPingAck)
}

// await reads frames until the one wanted.
func await(t *testing.T, framer *http2.Framer, wanted http2.FrameType, flag http2.Flags) {
	t.Helper()
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if end, ok := frame.(*http2.GoAwayFrame); ok {
			t.Fatalf("the server ended the connection: %s", end.DebugData())
		}
		if h := frame.Header(); h.Type == wanted && h.Flags.Has(flag) {
			return
		}
	}
}
