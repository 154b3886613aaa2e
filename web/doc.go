// Package web is the shell of pages: it draws what every page shares, turns errors into sentences, and guards the browser.
//
// A handler returns a View, most often a Page, or an error. It knows nothing of menus, users or headers:
//
//	shell.Handle(func(r *http.Request) (web.View, error) {
//		p, err := read(r)
//		if err != nil {
//			return nil, err
//		}
//		return web.Page{Title: p.Name, Body: page(p)}, nil
//	})
//
// Pages are drawn on the server and work without script. Scripts come from the program itself; see assets.go.
package web
