package documents

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/web"
)

// upload is a file that somebody sent.
type upload struct {
	name string // as the sender called it, for people
	data []byte
	kind string // by what is in it
}

// title is what the file is called until somebody gives it a title.
func (u upload) title() string {
	return strings.TrimSpace(strings.TrimSuffix(u.name, path.Ext(u.name)))
}

// receive reads a form with files. Files stay in memory: nothing of them is written to the disk in clear. A file that is too large
// comes with what was read of it, which is more than maxFile.
func receive(r *http.Request) (*web.Form, []upload, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxRead)
	in, err := r.MultipartReader()
	if err != nil {
		return nil, nil, &web.Problem{Kind: web.ErrInvalid, Advice: "Send files as a form does: multipart/form-data."}
	}
	values := url.Values{}
	var files []upload
	words, total, count := 0, 0, 0
	for {
		part, err := in.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, unread(err)
		}
		if part.FileName() == "" {
			b, err := io.ReadAll(io.LimitReader(part, 16<<10))
			if err != nil {
				return nil, nil, unread(err)
			}
			if words += len(b) + len(part.FormName()); words > 256<<10 {
				return nil, nil, &web.Problem{Kind: web.ErrTooLarge}
			}
			values.Add(part.FormName(), string(b))
			continue
		}
		if count++; count > maxFiles || total > maxUpload {
			if _, err := io.Copy(io.Discard, part); err != nil {
				return nil, nil, unread(err)
			}
			continue
		}
		b, err := io.ReadAll(io.LimitReader(part, maxFile+1))
		if err != nil {
			return nil, nil, unread(err)
		}
		if _, err := io.Copy(io.Discard, part); err != nil {
			return nil, nil, unread(err)
		}
		total += len(b)
		files = append(files, upload{name: tidy(part.FileName()), data: b})
	}
	f := web.NewForm(values)
	if count > maxFiles || total > maxUpload {
		f.Wrong("files", fmt.Sprintf("At most %d files and 60 MB are taken at once. Send them in parts.", maxFiles))
	}
	return f, files, nil
}

func unread(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &web.Problem{Kind: web.ErrTooLarge, Advice: "Files of up to 12 MB are kept. Scan it at 200 dpi or in black and white, or split it."}
	}
	return &web.Problem{Kind: web.ErrInvalid, Advice: "The files did not arrive whole. Send them again."}
}

// tidy makes a name from elsewhere fit to be read: no path, no characters that cannot be seen or that turn the direction of writing.
func tidy(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	if utf8.RuneCountInString(name) > 120 {
		name = string([]rune(name)[:120])
	}
	if name = strings.TrimSpace(name); name == "" || name == "." || name == "/" {
		return "File"
	}
	return name
}

// errUnscanned is that the virus scanner could not tell.
var errUnscanned = errors.New("the virus scanner cannot be reached")

// check looks at a file before it is kept: what it is, and whether a virus is in it. why follows the name of the file; it is "" for one
// that may be kept.
func (p *pages) check(ctx context.Context, u *upload) (why string, err error) {
	if u.kind, why = judge(u.data); why != "" {
		return why, nil
	}
	if p.scanner == nil {
		return "", nil
	}
	found, err := p.scanner.Scan(ctx, u.data)
	if err != nil {
		p.log(ctx, slog.LevelError, "a file was refused: the virus scanner could not tell", "error", err.Error())
		return "was not kept: the virus scanner cannot be reached, so nobody knows whether it is clean. Try again in a few minutes; if it stays so, call the help desk.", errUnscanned
	}
	if found != "" {
		p.log(ctx, slog.LevelWarn, "a file was refused: the virus scanner found something", "found", found)
		return "was not kept: the virus scanner found " + found + ". Do not open it, and tell whoever sent it.", nil
	}
	return "", nil
}

func (p *pages) log(ctx context.Context, level slog.Level, what string, pairs ...any) {
	if p.d.Log != nil {
		p.d.Log.Log(ctx, level, what, append(pairs, "account", identity.From(ctx).ID)...)
	}
}

// checkAll looks at every file, and notes in the form what is wrong with them.
func (p *pages) checkAll(ctx context.Context, f *web.Form, files []upload) {
	if len(files) == 0 {
		f.Wrong("files", "Choose a file, or take a picture of it.")
	}
	var wrong []string
	for i := range files {
		if why, err := p.check(ctx, &files[i]); why != "" {
			wrong = append(wrong, "“"+files[i].name+"” "+why)
			if err != nil { // the next would be told the same
				break
			}
		}
	}
	if len(wrong) > 0 {
		f.Wrong("files", strings.Join(wrong, " ")+" Nothing was kept: leave it out and send the others again.")
	}
}
