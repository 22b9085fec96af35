package curriculum

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// frame is a way of speaking that the curriculum does without.
type frame struct {
	rule   string
	say    string         // what is wrong with it
	words  *regexp.Regexp // what gives it away
	unless *regexp.Regexp // matched on the find with some text around it: then it is fine
	fields func(en *entry, p passage) (applies, warn bool)
}

func (f frame) find(en *entry, p passage) (hit, bool) {
	for _, at := range f.words.FindAllStringIndex(p.text, -1) {
		around := p.text[max(0, at[0]-20):min(len(p.text), at[1]+20)]
		if f.unless != nil && f.unless.MatchString(around) {
			continue
		}
		applies, warn := true, p.bad
		if f.fields != nil {
			applies, warn = f.fields(en, p)
		}
		return hit{rule: f.rule, text: fmt.Sprintf("%q %s", clip(p.text[at[0]:at[1]]), f.say), warn: warn}, applies
	}
	return hit{}, false
}

// phrases makes one regular expression of a list of alternatives, one a line.
func phrases(list string) *regexp.Regexp {
	var lines []string
	for line := range strings.Lines(list) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, strings.ReplaceAll(line, " ", `\s+`))
		}
	}
	return regexp.MustCompile(`(?i)\b(?:` + strings.Join(lines, "|") + `)(?:\b|\W|$)`)
}

// Each line of these lists is one alternative of a regular expression; a
// space stands for any white space.
const (
	anyone = `(them|him|her|people|someone|somebody|others|anyone|everyone|the other person)`

	manipulative = `
		hacks?
		hacking
		(the|a|neat|simple|old|psychological|this|little) tricks?
		tricks? ` + anyone + `
		influenc(e|es|ing)
		manipulat(e|es|ing)
		win(ning)? ` + anyone + ` over
		make ` + anyone + `
		mak(e|es|ing) ` + anyone + ` (like|trust|agree|want|feel|think|say|do)
		get ` + anyone + ` to (like|agree|trust|say|do|open|want|give|buy|believe|tell)
		persuad(e|es|ing)
		talk ` + anyone + ` into
		(without|before) (them|their|him|her|his|people)( ever)? (notic|know|realis|realiz)\w*
		(secretly|covertly|subtly) \w+
		subconscious(ly)?
		mind games?
		(lower|drop|lowers|drops) (their|his|her) guard
		let (their|his|her) guard down
		(disarm|seduce|charm|hook|bait|corner|handle|work) (them|him|her|people)
		(pretend|act as if|acting as if) (to care|to like|to agree|to be interested|you care|you like)
		fak(e|ing) (interest|concern|a smile|it)
		irresistible
		exploit(s|ing)?
		(use|using) (this|it|rapport|empathy) (on|against) \w+
		(gain|get|have) the upper hand
		leverage
		close the deal
		(weak|soft) spots?
		play on (their|his|her)
		steer (them|people|him|her)
		so (that )?(they|people) (owe|will owe|feel they owe) you`

	overclaiming = `
		always works?
		never fails?
		guarante(e|es|ed)
		(scientifically )?proven
		proves? that
		(science|research|studies|experts) (says?|prove|proves|shows? that everyone|agree)
		(works|work) (every time|on everyone|for everyone|on anyone)
		every single time
		instant(ly)? \w+
		(within|in) seconds
		(everyone|everybody) (loves|likes|wants|enjoys|needs)
		(nobody|no one) can resist
		(will|is sure to) (like|love|trust|respect|adore) you
		will (make|get) you (liked|trusted|promoted|hired|popular)
		(foolproof|surefire|fail-safe|bulletproof)
		secret (to|of|weapon|sauce)
		magic(al|ally)?
		the (best|only|fastest|quickest) way to (build|gain|earn|win|make (friends|people)|get (people|anyone|someone|on with))
		game.?changers?
		(transform|change)s? your (life|career|relationships?)
		100 ?(%|percent|per cent)
		instant rapport
		in no time`

	zombies = `
		7\W{1,5}38\W{1,5}55
		(7|seven|38|55|93|ninety-three) ?(percent|per cent)
		21 days?
		twenty-one days?
		(3|three|6|six|7|seven|10|ten|30|thirty) seconds to (make|form|leave|win|impress)\w*
		first impressions?[^.?!]{0,40}seconds
		seconds[^.?!]{0,30}first impressions?
		learning styles?
		(left|right).brain(ed)?
		power pos(e|es|ing)
		10,?000 hours
		attention span of
		(crossed|folded) arms (mean|show|signal|say)s?
		(look|looks|looking|glance|glances) (up and )?(left|right) (when|means?|if)
		(use|uses|using) only (10|ten) (percent|per cent)
		smil(e|ing) uses fewer muscles`

	shaming = `
		(break|broke|broken|lose|lost|losing|losing|save|keep|protect) (your|the|a) streak
		streak(s)? (is|was|are|will be|alive|lost|over|broken|at risk|gone|ends?|in danger)
		don'?t (lose|break|waste) (your|it|the)
		do not (lose|break|waste) (your|the) (streak|run|progress)
		lost (your|the) (run|progress|place)
		(you|you've|you have) (missed|skipped|failed|broken|slipped) (a|your|this|last|two|three|the|\d+) (goal|practice|weeks?|days?|mission|nudge|check-in|target|run)
		you (have not|haven't|did not|didn't) (practised|practiced|checked in|shown up|bothered)
		(falling|fell|fallen) behind
		slack(ing|er|ed)
		no excuses?
		(do not|don't) be (lazy|shy|a stranger|a quitter)
		lazy
		shame on
		(we|i) (am |are )?(disappointed|missed you)
		(last|final) chance
		back to (zero|square one)
		where have you been
		(ashamed|guilty) of yourself
		(let|letting) (your team|us|everyone|yourself) down
		others (are|have) (ahead|done more)
		you owe it to
		start(ing)? (all )?over from zero`

	fluffy = `
		synerg(y|ies|istic)
		(your|our|this|a|the) journey
		empower(s|ed|ing|ment)?
		unleash(es|ed|ing)?
		unlock(s|ed|ing)? (the|your|their|new|real|true|deeper|potential)
		(best|true|authentic|higher) sel(f|ves)
		good vibes?
		elevat(e|es|ing) (your|the|every)
		supercharg(e|es|ed|ing)
		level up
		superpowers?
		(rock ?star|ninja|guru)s?
		crush(ing)? it
		holistic(ally)?
		mindset
		deep dive
		circle back
		touch base
		delve
		tapestry
		foster(s|ing)? (a|an|connection|trust|deeper|meaningful|genuine)
		cultivat(e|es|ing)
		(meaningful|genuine|deep|deeper|human|authentic) connections?
		the power of
		build(ing)? bridges
		spark(s)? joy
		thriv(e|es|ing)
		move the needle
		win-win
		at the end of the day
		heart-to-heart
		paradigm`

	excluding = `
		guys
		(hey|hi|dear|morning|evening|thanks,?) (ladies|gentlemen|girls|boys)
		ladies and gentlemen
		mankind
		manpower
		(chair|sales|work|middle)(man|men)
		man up
		(grow a pair|be a man)
		(crazy|insane|lame|dumb|retarded|psycho|spaz)
		(crippled|crippling)
		tone.deaf
		(blind|deaf) (to|spot|ears)
		turn a blind eye
		normal (people|person|folks)
		(native|non-native) speakers?
		foreigners?
		exotic
		third.world
		(white|black)list(s|ed)?
		(he or she|he/she|his or her|his/her|s/he)
		(his|her|your|the) (wife|husband|girlfriend|boyfriend)
		(bring|invite|ask) (the |your )?(wives|husbands)
		so (ocd|bipolar|autistic)
		suffer(s|ing)? from (autism|deafness|adhd)
		wheelchair.bound
		(grab|get|for|have|over|buy|share) (a |some |them a )?(beers?|drinks?|pints?|wine|cocktails?)
		happy hour
		(go|went|going|meet|round) (to|at|in) the (pub|bar)
		(watch|watched|catch|see|about) (the|last night's|yesterday's) (game|match)
		(play|round of|about) golf
		(fantasy )?football
		powwow
		spirit animal
		grandfathered`

	forcing = `
		(hold|keep|keeping|maintain|make|making|maintaining) (steady |good |strong |constant |direct |firm )?eye contact
		look (them|him|her|people|everyone) (straight )?in the eyes?
		(always|keep) smil(e|ing)
		(put on|force|paste on|wear) a (big |bright )?smile
		smile (more|wide|widely|big|at everyone|no matter|even if)
		(turn|keep|switch|put|leave) (your|their|the|all)? ?cameras? on
		cameras? (must|should|need to|have to) be on
		(ask|tell) (them|everyone|people) to (turn|switch|put) (on )?(their|the) cameras?( on)?
		firm handshake
		shake (their|everyone's|his|her) hand firmly
		(touch|pat|squeeze|grab|rub) (their|his|her|them on|him on|her on) ?\w*
		(a )?hand on (their|his|her) (arm|shoulder|back|knee)
		hug (them|everyone|people|him|her)
		(give|offer) (them|everyone|him|her|people) a hug
		(bring|bake|buy|share|offer) (in |them |everyone |some |the team )?(cake|cakes|cookies|doughnuts|donuts|snacks|sweets|chocolates?|pizza|lunch)
		everyone must (share|speak|join|answer|take part)
		(push|press|force) (them|people|everyone|him|her) to (share|speak|answer|open|talk|join)`

	copying = `
		(copy|mirror|mimic|imitate|match|ape|echo) (their|his|her|every|each|someone's|the other person's|a person's) (body|posture|pose|gestures?|stance|expressions?|breath|breathing|movements?|accent|smile|blink\w*|face|hands?|arms?|legs?|way of moving)( language)?
		(copy|mirror|mimic|imitate|ape) (them|him|her|people|everything|what they do)
		(cross|fold|uncross|lean|tilt|move|sit|nod|scratch|stand)[^.?!]{0,40} (when|as|like|whenever) (they|he|she) (cross|fold|uncross|lean|tilt|move|sit|nod|scratch|stand|do|does)(s|es)?
		match (their|his|her) (body language|breathing)`

	prying = `
		ask (about|after|for|her about|him about|them about|someone about) (their|his|her|a colleague's|someone's) (\w+ )?(family|faith|religion|health|weight|salary|pay|divorce|diagnosis|politics|pregnancy|marriage|illness|love life|body|medication|disability|debts?|visa|sexuality|partner|income|children)
		(why|when) (are|will|do) (you|they) (not )?(married|single|have children|having children|have kids|pregnant)
		(find out|look up|search for|google|dig up|check) (about |what )?(their|his|her|someone's) (\w+ )?(past|profile|profiles|photos|family|salary|address|history|private life)
		(write|note|keep|store|record) (down )?(their|his|her|someone's) (health|secrets?|faith|family|salary|weak points?|weaknesses|address|birthday)
		(tell|share with) (\w+ ){1,3}what (they|he|she) (told|confided)`

	minimising = `
		just
		simply
		merely
		obviously
		basically`

	unsafe = `
		(your|a|the|their|my|with) (boss|bosses|clients?|office|customers?|line manager|manager|salary)
		(boss|clients?|office)
		(dm|pm|message|write to|write|text|contact|approach) (a stranger|a new member|someone new|someone you (do not|don't|have never) (know|met)|somebody (unknown|you do not know)|a member|any member|people) ?(privately|in private|directly)?
		(private|direct) message to (a stranger|someone|somebody|a member|a new)
		(send|post|share|ask for|swap) (\w+ ){0,2}(photos?|selfies?|pictures? of (yourself|them|you)|phone numbers?|address(es)?|locations?)
		(what|which) (school|city|town|country|street|university|college)
		where (do|did|are) (you|they) (live|from|grow up|go to school|study|based|located)
		how old
		(your|their|his|her|the|a) (age|real name|home ?town|home address|school|birthday|location|phone number|surname|last name)
		(move|take) (it|the chat|the talk) to (private|direct) messages?
		meet (up )?(in person )?(alone|one to one|offline)`
)

// frames are built by each lint and not when the program starts, for they
// take a moment.
func frames() []frame {
	return []frame{
		{rule: "manipulative", say: "speaks of handling people; say what both get from it", words: phrases(manipulative),
			unless: regexp.MustCompile(`(?i)make (them|people|others|everyone) (short|brief|small|easy|clear|plain|visible|true|specific|optional|public|yours|few|early|late)|steer (them|people) (home|there)|(under|bad|poor) influence`)},
		{rule: "overclaim", say: "promises more than anyone knows", words: phrases(overclaiming),
			unless: regexp.MustCompile(`(?i)(no|not|nothing|never|cannot|without a|isn't|nobody can|no one can|not a) (\w+ ){0,2}(guarante|proven|magic|always|everyone)|guaranteed? (nothing|no)|instant(ly)? (messag|reply|repl|coffee)`)},
		{rule: "zombie", say: "is a number or idea that no test stands behind", words: phrases(zombies), fields: zombieFields},
		{rule: "shame", say: "shames or alarms; a gap costs nothing", words: phrases(shaming)},
		{rule: "fluff", say: "is fluff; say what a camera could see", words: phrases(fluffy)},
		{rule: "inclusive", say: "leaves people out; choose words for everyone", words: phrases(excluding),
			unless: regexp.MustCompile(`(?i)soft drink|(never|not|no|without) (\w+ ){0,2}(drinks?|football|golf)`)},
		{rule: "forced", say: "asks for gaze, smile, camera, food or touch; leave it free", words: phrases(forcing),
			unless: regexp.MustCompile(`(?i)(do not|don't|never|no need to|without|rather than|not have to|nobody has to|may not|avoid|hard to|eye contact (is|can|differs|means)|cannot) (\w+ ){0,2}(hold|keep|make|touch|hug|force|push|press|pat|put|turn|smile|maintain|bring|eye)`)},
		{rule: "copying", say: "asks to copy a body; no item does", words: phrases(copying),
			unless: regexp.MustCompile(`(?i)(do not|don't|never|no need to|without|rather than|instead of|stop|nobody) (\w+ ){0,2}(copy|mirror|mimic|imitate|match)`)},
		{rule: "private", say: "asks for private things", words: phrases(prying),
			unless: regexp.MustCompile(`(?i)(do not|don't|never|rather than|instead of) (\w+ ){0,2}(ask|find|look|search|write|note|keep|tell|share|check)`)},
		{rule: "community", say: "does not fit a community: no private writing to strangers, no personal facts, no office; or set audience", words: phrases(unsafe),
			unless: regexp.MustCompile(`(?i)(do not|don't|never|no need to|without|rather than|instead of|nobody) (\w+ ){0,3}(ask|message|write|send|post|share|text|dm|need)`), fields: communityFields},
		{rule: "body", say: "is about clothes, body or copying; a weekly nudge is not", words: regexp.MustCompile(`(?i)\b(clothes|clothing|outfits?|wear(ing)?|dress(ed)?|shirts?|postures?|gestures?|mirror(ing)?|body language|lean (in|back|forward)|cop(y|ying) (their|her|his|them|how|the way))\b`), fields: nudgeFields},
		{rule: "quiet", say: "needs a voice or a meeting; a first step is done in writing", words: regexp.MustCompile(`(?i)\b(meet(ing)?s?|calls?|ring|phone|video|camera|microphone|aloud|out loud|in person|face to face|in the room|walk (up|over))\b`), fields: firstStepFields},
		{rule: "minimiser", say: "makes it sound easy; leave it out", words: phrases(minimising),
			unless: regexp.MustCompile(`(?i)just (as|now|before|after|in time)\b|fair and just`), fields: minimiserFields},
	}
}

var debunks = regexp.MustCompile(`(?i)\bmyth|true or false|\bclaim|popular|not true|\bheard\b|\bseen\b|no test|do not say|does not|forget the`)

// zombieFields: a text may name such a number to lay it to rest, if the item
// carries a claim.
func zombieFields(en *entry, p passage) (applies, warn bool) {
	if len(en.claims) == 0 {
		return true, p.bad
	}
	for _, q := range en.texts {
		if debunks.MatchString(q.text) {
			return false, false
		}
	}
	return true, p.bad
}

// communityFields: what a team of strangers may be handed. What is sent
// without being asked for must fit; the rest is for a person to look at.
func communityFields(en *entry, p passage) (applies, warn bool) {
	said := slices.Contains(en.audience, Community)
	if len(en.audience) > 0 && !said || p.bad {
		return false, false
	}
	switch en.kind {
	case "mission", "weekly_nudge", "first_step":
		return true, false
	case "tip", "prompt", "card":
		return true, !said
	}
	return said, false
}

// nudgeFields: what a weekly nudge asks for; when to skip it may name anything.
func nudgeFields(en *entry, p passage) (applies, warn bool) {
	return en.kind == "weekly_nudge" && p.field != "skip_if", false
}

// firstStepFields: what a newcomer is asked for in the first days.
func firstStepFields(en *entry, _ passage) (applies, warn bool) {
	return en.kind == "first_step", false
}

// minimiserFields: a line to say may use them, as people do.
func minimiserFields(_ *entry, p passage) (applies, warn bool) {
	return !p.bad && !strings.HasPrefix(p.field, "say"), true
}
