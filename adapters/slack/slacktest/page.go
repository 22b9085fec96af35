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
body { margin: 0; padding: 24px; background: #fff; color: #1d1c1d; font: 15px/1.46 Lato, "Helvetica Neue", Arial, "Liberation Sans", sans-serif }
.window { position: relative; display: flex; width: 940px; min-height: 420px; margin: 0 auto 32px; border: 1px solid #c9c4cc; border-radius: 10px; overflow: hidden }
nav { width: 200px; flex: none; padding: 14px 0; background: #39123e; color: #d9cddb; font-size: 14px }
nav b { display: block; padding: 0 16px 12px; color: #fff; font-size: 17px }
nav small { display: block; padding: 10px 16px 2px; opacity: .75 }
nav div { margin: 0 8px; padding: 3px 8px; border-radius: 6px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
nav .here { background: #f9edff; color: #39123e }
main { flex: 1; min-width: 0; display: flex; flex-direction: column }
header { padding: 12px 20px 0; border-bottom: 1px solid #e3e1e4 }
header b { display: block; padding-bottom: 12px; font-size: 18px }
header .tabs { display: flex; gap: 18px; font-size: 13px; color: #5d5b5f }
header .tabs span { padding-bottom: 7px }
header .tabs .on { color: #1d1c1d; font-weight: 700; border-bottom: 2px solid #39123e }
.list { flex: 1; display: flex; flex-direction: column; justify-content: flex-end; padding: 12px 0 16px }
.message { display: flex; gap: 10px; padding: 7px 20px }
.message.only { background: #faf9fa }
.avatar { flex: none; width: 36px; height: 36px; border-radius: 8px; background: #2f7d6d; color: #fff; font-weight: 700; text-align: center; line-height: 36px }
.avatar.person { background: #8a6d9b }
.body { flex: 1; min-width: 0; overflow-wrap: anywhere }
.head b { font-size: 15px }
.head .app { margin: 0 4px; padding: 1px 4px; border-radius: 3px; background: #ebe9ec; color: #5d5b5f; font-size: 10px; font-weight: 700; vertical-align: 2px }
.head time, .edited { color: #6a686c; font-size: 12px }
.eye { margin-left: 46px; padding: 0 20px 0; color: #5d5b5f; font-size: 12px }
.hold.only { background: #faf9fa; padding-top: 6px }
p { margin: 2px 0 4px } h3 { margin: 6px 0 4px; font-size: 18px; line-height: 1.3 }
hr { border: 0; border-top: 1px solid #dddbde; margin: 10px 0 }
.section { display: flex; gap: 16px } .section > div:first-child { flex: 1; min-width: 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 16px }
.context { display: flex; flex-wrap: wrap; gap: 4px 8px; margin: 4px 0; color: #5d5b5f; font-size: 13px }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 4px }
.button { display: inline-block; padding: 3px 12px 4px; border: 1px solid #b9b6bb; border-radius: 8px; background: #fff; font-size: 13px; font-weight: 700; white-space: nowrap }
.button.primary { border-color: #00694d; background: #007a5a; color: #fff } .button.danger { border-color: #c01343; color: #c01343 }
.menu { display: inline-flex; justify-content: space-between; gap: 14px; min-width: 200px; padding: 4px 10px; border: 1px solid #b9b6bb; border-radius: 8px; background: #fff; font-size: 13px }
.empty { color: #6a686c } .arrow { color: #1d1c1d }
.link { color: #1264a3 } .mention { padding: 0 2px; border-radius: 3px; background: #e3eef7; color: #1264a3 }
.quote { display: block; margin: 2px 0; padding-left: 12px; border-left: 4px solid #dddbde }
code { padding: 1px 4px; border: 1px solid #dddbde; border-radius: 3px; background: #f6f5f6; color: #b3203c; font-size: 12px }
.image { display: inline-block; padding: 18px 24px; border: 1px dashed #b9b6bb; border-radius: 8px; color: #5d5b5f; font-size: 13px }
figure { margin: 4px 0 } figcaption { color: #5d5b5f; font-size: 13px } figure img { max-width: 420px; border: 1px solid #e3e1e4; border-radius: 8px }
.file { display: inline-flex; flex-direction: column; padding: 10px 14px; border: 1px solid #dddbde; border-radius: 10px } .file span { color: #5d5b5f; font-size: 12px }
.write { margin: 0 20px 18px; padding: 10px 12px; border: 1px solid #b9b6bb; border-radius: 8px; color: #6a686c }
.home { flex: 1; padding: 18px 24px 24px }
.shade { position: absolute; inset: 0; display: flex; align-items: center; justify-content: center; background: rgba(20, 16, 21, .5) }
.modal { width: 520px; margin: 24px 0; border-radius: 10px; background: #fff; box-shadow: 0 12px 40px rgba(0, 0, 0, .3) }
.modal h2 { margin: 0; padding: 16px 24px 12px; font-size: 20px } .modal .inner { padding: 4px 24px 12px; overflow-wrap: anywhere }
.modal footer { display: flex; justify-content: flex-end; gap: 10px; padding: 14px 24px 18px } .modal footer .button { padding: 7px 14px; font-size: 15px }
.modal .menu { width: 100%; padding: 8px 12px; font-size: 15px }
.input { margin: 10px 0 14px } .input label { display: block; margin-bottom: 6px; font-weight: 700 } .input label i { color: #6a686c; font-weight: 400; font-style: normal }
.line { min-height: 40px; padding: 8px 12px; border: 1px solid #8d8a8f; border-radius: 6px; white-space: pre-wrap } .line.long { min-height: 86px }
.hint { margin-top: 5px; color: #5d5b5f; font-size: 13px } .problem { margin-top: 5px; color: #b3203c; font-size: 13px; font-weight: 700 } .wrong .line, .wrong .menu { border-color: #b3203c }
.choice { display: flex; align-items: center; gap: 8px; margin: 4px 0 }
.circle, .square { width: 16px; height: 16px; border: 1px solid #6a686c; border-radius: 50% } .square { border-radius: 4px } .circle.on { border: 5px solid #1264a3 } .square.on { background: #1264a3; border-color: #1264a3 }
</style>
{{range .}}<div class="window">
<nav aria-label="Channels"><b>{{.Team}}</b><small>Channels</small>{{$w := .}}{{range .Channels}}<div{{if and (eq . $w.Place) (not $w.AppHere)}} class="here"{{end}}># {{.}}</div>{{end}}<small>Apps</small><div{{if .AppHere}} class="here"{{end}}>{{.App}}</div></nav>
<main><header>{{if .AppHere}}<b>{{.App}}</b><div class="tabs"><span{{if eq .Tab "Home"}} class="on"{{end}}>Home</span><span{{if eq .Tab "Messages"}} class="on"{{end}}>Messages</span><span>About</span></div>{{else}}<b># {{.Place}}</b>{{end}}</header>
{{if eq .Tab "Home"}}<div class="home">{{.Home}}</div>{{else}}<div class="list">
{{range .Messages}}<div class="hold{{if .Only}} only{{end}}">{{if .Only}}<div class="eye">Only visible to you</div>{{end}}<div class="message{{if .Only}} only{{end}}"><div class="avatar{{if not .App}} person{{end}}" aria-hidden="true">{{.Initial}}</div>
<div class="body"><div class="head"><b>{{.From}}</b>{{if .App}} <span class="app">APP</span>{{end}} <time>{{.Time}}</time></div>{{.Body}}{{if .Edited}}<span class="edited">(edited)</span>{{end}}</div></div></div>
{{end}}</div><div class="write">Message {{if .AppHere}}{{.App}}{{else}}#{{.Place}}{{end}}</div>{{end}}</main>
{{with .Modal}}<div class="shade"><div class="modal" role="dialog"><h2>{{.Title}}</h2><div class="inner">{{.Body}}</div><footer><span class="button">{{.Close}}</span>{{with .Submit}}<span class="button primary">{{.}}</span>{{end}}</footer></div></div>{{end}}
</div>
{{end}}</html>
`
