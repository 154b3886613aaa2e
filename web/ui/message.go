package ui

// Tone says what a tag or message is about. It always comes with words, never as colour alone.
type Tone string

// The tones.
const (
	Neutral  Tone = ""
	Here     Tone = "here"   // present, current, informing
	Caution  Tone = "due"    // overdue, take care
	Critical Tone = "severe" // severe, failed
	Done     Tone = "done"   // saved, sent, passed
)

// Message is one line that informs in place and interrupts nobody.
type Message struct {
	Tone      Tone
	Lead      string // the finding, in heavier type
	Text      string
	LinkLabel string
	LinkHref  string
}

func (m Message) class() string {
	switch m.Tone {
	case Caution:
		return "message message-caution"
	case Critical:
		return "message message-crit"
	case Done:
		return "message message-done"
	}
	return "message"
}

func (m Message) icon() string {
	switch m.Tone {
	case Caution, Critical:
		return "triangle-alert"
	case Done:
		return "check"
	}
	return "info"
}

// role makes failures heard at once and the rest when there is a pause.
func (m Message) role() string {
	if m.Tone == Critical {
		return "alert"
	}
	return "status"
}

// Empty stands in for a list without entries: one icon, one sentence, the time it was last checked.
type Empty struct {
	Icon    string
	Title   string
	Checked string
}
