package fault

// wrongContentType takes the call and answers as it should, under another content type.
func wrongContentType() kind {
	return kind{
		name: ContentType, token: true, takes: []setting{times, contentType},
		defaults:  Spec{ContentType: "text/html; charset=utf-8"},
		behaviour: count(func(s Spec) Effect { return Effect{ContentType: s.ContentType} }),
	}
}
