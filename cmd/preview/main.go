// Command preview serves the pages with invented data, for work on their look: no record, no sign-in, nothing is kept.
//
//	go run ./cmd/assets && go run ./cmd/preview     # then open http://localhost:8090/
//
// Its test takes screenshots: go test ./cmd/preview -shots DIR
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/osler-ehr/osler/web"
)

func main() {
	addr := flag.String("addr", "localhost:8090", "where to listen")
	flag.Parse()
	h, err := handler(web.Demo)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("http://" + *addr + "/")
	server := &http.Server{Addr: *addr, Handler: h, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}
