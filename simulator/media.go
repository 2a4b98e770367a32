package simulator

// mostMedia is how many bytes of the customers' files are stored: anybody who reaches the simulator can use the phones.
// The oldest are removed first; Parley fetched them when they came.
const mostMedia = 64 << 20

// addMedia stores a file that a customer sent. The caller holds the lock.
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
