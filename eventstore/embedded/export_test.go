package embedded

// ShrinkTail bounds what the server keeps in memory for subscribers, so that a
// test can outrun it with little data.
func (s *Server) ShrinkTail(records, bytes int) {
	s.log.LimitTail(records, bytes)
}
