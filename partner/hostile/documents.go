package hostile

import (
	"bytes"
	"net/http"
	"strings"
)

// documents are answers that are small enough to be read, and that hurt whoever parses them.
func documents() []Kind {
	return []Kind{
		document("deep-json", "Each answer nests 200,000 arrays.", func(w http.ResponseWriter) {
			_ = repeat(w, []byte(strings.Repeat("[", 1000)), 200_000) && repeat(w, []byte(strings.Repeat("]", 1000)), 200_000)
		}),
		document("deep-json-cut", "Each answer opens 2,000,000 arrays and closes none.", func(w http.ResponseWriter) {
			repeat(w, []byte(strings.Repeat("[", 1000)), 2_000_000)
		}),
		document("deep-json-as-licence", "Each answer is an array of one licence whose extra member nests 200,000 objects.", func(w http.ResponseWriter) {
			_ = say(w, `[{"id":"L","extra":`) && repeat(w, []byte(strings.Repeat(`{"a":`, 1000)), 1_000_000) &&
				say(w, "1") && repeat(w, []byte(strings.Repeat("}", 1000)), 200_000) && say(w, "}]")
		}),
		document("ten-megabyte-string", "Each answer holds one string of 10 MB.", func(w http.ResponseWriter) {
			_ = say(w, `{"state":"completed","id":"`) && repeat(w, bytes.Repeat([]byte("a"), piece), 10_000_000) && say(w, `"}`)
		}),
		document("three-megabyte-strings", "Each answer holds one string of 3 MB, full of what JSON, XML and HTML escape.", func(w http.ResponseWriter) {
			_ = say(w, `{"state":"completed","id":"`) && repeat(w, bytes.Repeat([]byte(`<\u0000&`), 4000), 3_000_000) && say(w, `"}`)
		}),
		document("million-values", "Each answer is an array of 1,000,000 numbers.", func(w http.ResponseWriter) {
			_ = say(w, "[") && repeat(w, []byte(strings.Repeat("0,", 1000)), 2_000_000) && say(w, "0]")
		}),
		document("hundred-thousand-nulls", "Each answer is an array of 100,000 licences that are null.", func(w http.ResponseWriter) {
			_ = say(w, "[") && repeat(w, []byte(strings.Repeat("null,", 1000)), 500_000) && say(w, "null]")
		}),
		document("hundred-thousand-members", "Each answer is an object of 100,000 members with one name.", func(w http.ResponseWriter) {
			_ = say(w, "{") && repeat(w, []byte(strings.Repeat(`"id":"",`, 1000)), 800_000) && say(w, `"id":""}`)
		}),
		document("not-a-number", "Each answer holds NaN and Infinity.", func(w http.ResponseWriter) {
			_, _ = w.Write([]byte(`{"id":NaN,"state":Infinity,"orderItem":[{"productRef":{"id":-Infinity,"userServiceQuantity":NaN}}]}`))
		}),
		document("number-of-a-megabyte", "Each answer holds numbers beyond any machine's: 1e999999999 and one of a million digits.", func(w http.ResponseWriter) {
			_ = say(w, `{"id":1e999999999,"state":-`) && repeat(w, bytes.Repeat([]byte("9"), 1000), 1_000_000) && say(w, "}")
		}),
		{
			Name: "invalid-utf8", What: "Each string of each answer starts with bytes that are not UTF-8.",
			Seam: edited(func(status int, _ http.Header, body []byte) (int, []byte) {
				return status, bytes.ReplaceAll(body, []byte(`":"`), []byte("\":\"\xff\xfe\xed\xa0\x80\xc0\xaf"))
			}),
		},
		{
			Name: "binary", What: "Each answer is all 256 bytes, over and over, under the name of JSON.",
			Seam: edited(func(status int, _ http.Header, _ []byte) (int, []byte) {
				all := make([]byte, 256)
				for i := range all {
					all[i] = byte(i)
				}
				return status, bytes.Repeat(all, 1000)
			}),
		},
	}
}

func document(name, what string, write func(w http.ResponseWriter)) Kind {
	return Kind{Name: name, What: what, Seam: answers(func(w http.ResponseWriter, _ *http.Request) {
		jsonType(w)
		w.WriteHeader(http.StatusOK)
		write(w)
	})}
}
