package slacktest

import (
	"html/template"
	"strings"
)

// page puts windows on a page.
func page(windows []window) string {
	var b strings.Builder
	if err := template.Must(template.New("page").Parse(pageHTML)).Execute(&b, windows); err != nil {
		return escaped(err.Error())
	}
	return b.String()
}

const pageHTML = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Slack</title>
<style>
* { box-sizing: border-box }
body { margin: 0; background: #fff; color: #1d1c1d; font: 15px/1.47 Lato, "Helvetica Neue", Arial, "Liberation Sans", sans-serif }
.window { display: grid; width: 860px; min-height: 264px; border: 1px solid #d6d3d7; overflow: hidden }
.window + .window { margin-top: 24px }
.frame, .shade { grid-area: 1 / 1 }
.frame { display: flex; min-width: 0 }
nav { width: 180px; flex: none; padding: 14px 8px; background: #f6f3f7; border-right: 1px solid #e5e2e6; color: #55505a; font-size: 14px }
nav b { display: block; padding: 0 8px 10px; color: #1d1c1d; font-size: 17px }
nav small { display: block; padding: 10px 8px 3px; font-size: 12px }
nav div { padding: 3px 8px; border-radius: 6px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
nav .here { background: #5c2a66; color: #fff }
main { flex: 1; min-width: 0; display: flex; flex-direction: column }
header { padding: 13px 20px 0; border-bottom: 1px solid #e5e2e6 }
header b { display: block; padding-bottom: 13px; font-size: 18px; line-height: 1.3 }
header.app b { padding-bottom: 6px }
header .tabs { display: flex; gap: 20px; font-size: 13px; color: #5d5b5f }
header .tabs span { padding-bottom: 7px }
header .tabs .on { color: #1d1c1d; font-weight: 700; border-bottom: 2px solid #5c2a66 }
.list { flex: 1; display: flex; flex-direction: column; justify-content: flex-end; padding: 10px 0 14px }
.day { margin: 16px 0 14px; border-top: 1px solid #e5e2e6; text-align: center; line-height: 0 } .day span { padding: 4px 14px; border: 1px solid #d6d3d7; border-radius: 14px; background: #fff; font-size: 13px; font-weight: 700 }
.eye { display: flex; align-items: center; gap: 6px; margin-top: 8px; padding: 0 20px 0 66px; color: #5d5b5f; font-size: 12px }
.eye svg { flex: none }
.message { display: flex; gap: 10px; padding: 6px 20px 8px }
.eye + .message { padding-top: 2px }
.avatar { flex: none; width: 36px; height: 36px; border-radius: 8px; background: #1f4e5f; color: #fff; font-size: 17px; font-weight: 700; text-align: center; line-height: 36px }
.avatar.person { background: #8a6d9b }
.body { flex: 1; min-width: 0; overflow-wrap: anywhere }
.head { line-height: 1.3 } .head b { font-size: 15px }
.head .app { margin: 0 3px; padding: 1px 3px; border-radius: 3px; background: #ebe9ec; color: #5d5b5f; font-size: 10px; font-weight: 700; vertical-align: 2px }
.head time, .edited { color: #6a686c; font-size: 12px }
p { margin: 0 } h3 { margin: 6px 0 4px; font-size: 18px; line-height: 1.33 }
.section { display: flex; gap: 16px; margin: 4px 0 8px } .section > div:first-child { flex: 1; min-width: 0 }
hr { border: 0; border-top: 1px solid #dddbde; margin: 12px 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 16px }
.context { display: flex; flex-wrap: wrap; gap: 4px 8px; margin: 6px 0; color: #5d5b5f; font-size: 13px; line-height: 1.4 }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 10px 0 6px }
.button { display: inline-flex; align-items: center; height: 30px; padding: 0 12px; border: 1px solid #bbb8bd; border-radius: 8px; background: #fff; font-size: 13px; font-weight: 700; white-space: nowrap }
.button.primary { border-color: #007a5a; background: #007a5a; color: #fff } .button.danger { border-color: #c01343; background: #c01343; color: #fff }
.menu { display: inline-flex; justify-content: space-between; align-items: center; gap: 14px; min-width: 200px; height: 30px; padding: 0 10px; border: 1px solid #bbb8bd; border-radius: 8px; background: #fff; font-size: 13px }
.empty { color: #6a686c } .arrow { color: #5d5b5f; font-size: 11px }
.link { color: #1264a3 } .mention { padding: 0 2px; border-radius: 3px; background: #e3eef7; color: #1264a3 }
.quote { display: block; margin: 4px 0; padding-left: 12px; border-left: 4px solid #dddbde }
code { padding: 1px 4px; border: 1px solid #dddbde; border-radius: 3px; background: #f6f5f6; color: #b3203c; font: 12px "Liberation Mono", Menlo, monospace }
pre { margin: 4px 0; padding: 8px; border: 1px solid #dddbde; border-radius: 4px; background: #f8f7f8; font: 12px/1.5 "Liberation Mono", Menlo, monospace; white-space: pre-wrap }
.image { display: inline-block; padding: 18px 24px; border: 1px dashed #bbb8bd; border-radius: 8px; color: #5d5b5f; font-size: 13px }
figure { margin: 6px 0 } figcaption { margin-bottom: 4px; color: #5d5b5f; font-size: 13px } figure img { max-width: 420px; border: 1px solid #e5e2e6; border-radius: 8px }
.file { display: inline-flex; flex-direction: column; padding: 10px 14px; border: 1px solid #dddbde; border-radius: 10px } .file span { color: #5d5b5f; font-size: 12px }
.write { margin: 0 20px 18px; padding: 9px 12px; border: 1px solid #bbb8bd; border-radius: 8px; color: #6a686c }
.home { flex: 1; padding: 14px 24px 22px }
.shade { display: flex; align-items: center; justify-content: center; background: rgba(20, 16, 21, .45) }
.modal { width: 520px; margin: 28px 0; border-radius: 10px; background: #fff; box-shadow: 0 10px 36px rgba(0, 0, 0, .28) }
.modal h2 { margin: 0; padding: 18px 24px 12px; font-size: 20px; line-height: 1.3 } .modal .inner { padding: 2px 24px 8px; overflow-wrap: anywhere }
.modal footer { display: flex; justify-content: flex-end; gap: 10px; padding: 14px 24px 20px } .modal footer .button { height: 36px; padding: 0 14px; font-size: 15px }
.modal .input .menu { width: 100%; height: 38px; padding: 0 12px; font-size: 15px }
.input { margin: 12px 0 14px } .input label { display: block; margin-bottom: 5px; font-weight: 700 } .input label i { color: #6a686c; font-weight: 400; font-style: normal }
.line { min-height: 38px; padding: 7px 12px; border: 1px solid #8d8a8f; border-radius: 6px; background: #fff; white-space: pre-wrap } .line.long { min-height: 86px }
.hint { margin-top: 4px; color: #5d5b5f; font-size: 13px } .problem { margin-top: 4px; color: #b3203c; font-size: 13px; font-weight: 700 } .wrong .line, .wrong .menu { border-color: #b3203c }
.choice { display: flex; align-items: center; gap: 8px; margin: 4px 0 }
.circle, .square { width: 16px; height: 16px; border: 1px solid #6a686c; border-radius: 50% } .square { border-radius: 4px } .circle.on { border: 5px solid #1264a3 } .square.on { background: #1264a3; border-color: #1264a3 }
</style>
{{range .}}<div class="window"><div class="frame">
<nav aria-label="Channels"><b>{{.Team}}</b><small>Channels</small>{{$w := .}}{{range .Channels}}<div{{if and (eq . $w.Place) (not $w.AppHere)}} class="here"{{end}}># {{.}}</div>{{end}}<small>Apps</small><div{{if .AppHere}} class="here"{{end}}>{{.App}}</div></nav>
<main>{{if .AppHere}}<header class="app"><b>{{.App}}</b><div class="tabs"><span{{if eq .Tab "Home"}} class="on"{{end}}>Home</span><span{{if eq .Tab "Messages"}} class="on"{{end}}>Messages</span><span>About</span></div></header>{{else}}<header><b># {{.Place}}</b></header>{{end}}
{{if eq .Tab "Home"}}<div class="home">{{.Home}}</div>{{else}}<div class="list">
{{range .Messages}}{{with .Day}}<div class="day"><span>{{.}}</span></div>{{end}}{{if .Only}}<div class="eye"><svg width="14" height="10" viewBox="0 0 14 10" fill="none" stroke="currentColor" stroke-width="1.3" aria-hidden="true"><path d="M.8 5C3 1.8 5 .8 7 .8S11 1.8 13.2 5C11 8.2 9 9.2 7 9.2S3 8.2.8 5Z"/><circle cx="7" cy="5" r="1.9"/></svg>Only visible to you</div>{{end}}<div class="message{{if .Only}} only{{end}}"><div class="avatar{{if not .App}} person{{end}}" aria-hidden="true">{{.Initial}}</div>
<div class="body"><div class="head"><b>{{.From}}</b>{{if .App}} <span class="app">APP</span>{{end}} <time>{{.Time}}</time></div>{{.Body}}{{if .Edited}}<span class="edited">(edited)</span>{{end}}</div></div>
{{end}}</div>{{if not .AppHere}}<div class="write">Message #{{.Place}}</div>{{end}}{{end}}</main></div>
{{with .Modal}}<div class="shade"><div class="modal" role="dialog"><h2>{{.Title}}</h2><div class="inner">{{.Body}}</div><footer><span class="button">{{.Close}}</span>{{with .Submit}}<span class="button primary">{{.}}</span>{{end}}</footer></div></div>{{end}}
</div>
{{end}}</html>
`
