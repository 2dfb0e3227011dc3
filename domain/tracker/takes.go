package tracker

// Takes tells whether an answer to a field of another tracker can be one to this
// tracker's field of the same code, and gives the form that it has here. What
// only staff could read there is not taken by a field that everybody reads.
func (t Tracker) Takes(of Field, answer string) (canonical string, ok bool) {
	f, ok := t.Field(of.Code)
	switch {
	case !ok || of.Hidden && !f.Hidden:
		return "", false
	case f.Type.Fixed(), f.Type == File, of.Type == File:
		return answer, f.Type == of.Type
	case f.Shared && of.Shared && f.Type != User:
		return answer, true // the same definition, its retired options too
	}
	canonical, wrong := t.Answer(f, answer, "")
	return canonical, wrong == (Wrong{}) && canonical != ""
}

// Hides tells whether the field of the code is, or was when it went out of use,
// only for those who may see hidden fields.
func (t Tracker) Hides(code string) bool {
	f, _ := t.Ever(code)
	return f.Hidden
}
