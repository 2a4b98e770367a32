package simulator

// mostMedia is how much of the customers' files is kept, in bytes: every phone is open to whoever reaches it. The
// oldest go first; Parley has fetched them as they came.
const mostMedia = 64 << 20

// addMedia files what a customer sent. The caller holds the lock.
func (s *Simulator) addMedia(f *Media) {
	s.state.fileMedia(f)
	s.keep("media", f.Sid, f)
	for len(s.state.MediaOrder) > 1 && s.state.MediaBytes > mostMedia {
		sid := s.state.MediaOrder[0]
		s.state.MediaOrder = s.state.MediaOrder[1:]
		s.state.MediaBytes -= len(s.state.Media[sid].Bytes)
		delete(s.state.Media, sid)
		s.forget("media", sid)
	}
}

func (st *state) fileMedia(f *Media) {
	st.Media[f.Sid] = f
	st.MediaOrder = append(st.MediaOrder, f.Sid)
	st.MediaBytes += len(f.Bytes)
}
