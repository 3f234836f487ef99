"""What a question asks for, read off its words: a number, a time, a person, so many things, a yes or no.

And whether a sentence may hold that, and an answer says it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.characters import IDEOGRAPHS
from index.folding import fold
from rag.names import new_latin_names, person_names
from rag.numbers import numbers
from rag.units import DIMENSION_NAMES, measures_something_else
from rag.years import with_figures

_NUMBER = re.compile(
    r"多少|(?<![哪第十百千])几(?=[个名家位次项起月日号点岁元万亿公里米亩户人套所条座种成倍])|百分之几"
    r"|[十百千]几(?:[个名家位次岁人天]|号召开的)[?？。]*$"
    r"|(?<![哪第元国历于在])几(?=年)|(?<=[于在])几(?=年[内间里之以])"  # 西元几年 is a time
    r"|how (?:many|much|old)\b"
    r"|\bwhat (?:is|was|were|will be) "
    r"(?!.*\b(?:what|who|which|where|when|why|how|source|cause|reason|effect|impact|part|type)\b).{0,60}?"
    r"\b(?:gdp|gross (?:domestic|regional) product|revenue|disposable income|total (?:length|cost|investment))\b"
    r"|\bwhere (?:do|does|did)\b.*\brank\b"
)
# "the year when it was founded, who was its president" asks for no time.
_ENGLISH_WHEN = (
    r"^when\b(?!.*\b(?:what|who|whom|whose|which|where|how|why)\b)"
    r"|(?:[,;:] *|\b(?:and|or|since|until|till|by|from) )when\b|\bwhen\W*$"
    r"|\b(?:what|which) (?:year|month|date|day|decade|century)\b(?!')"
)
_TIME = re.compile(
    "哪一?[年天日]|哪个月|几月|几号|(?:什么|啥)时[候间]|何[时年月日]|几时|[元国历]几年|[于在]几年(?![内间里之以])"
    f"|{_ENGLISH_WHEN}"
)
_DAY = re.compile(r"哪一?[天日](?!子)|几号|几月几日|\b(?:on )?(?:what|which) (?:day|date)\b")
# Keywords ask as well (会议闭幕时间, 合同金额), with what they end in; 炖煮时间 is no point in time.
_KEYWORD_END = r"(?:[是为有]|呢)?\s*[?？。]*$"
_NAMES_A_TIME = re.compile(
    "(?:(?:开始|结束|开幕|闭幕|召开|举行|举办|成立|发布|公布|上市|上映|播出|开业|开工|竣工|通车|开通|启动|报名|考试|开学|生效|实施"
    f"|施行|发生|出台|印发|签订|签约|出生|会议|活动)的?(?:具体)?时间|日期){_KEYWORD_END}"
)
_NAMES_A_FIGURE = re.compile(
    "(?:金额|总额|[投融]资额|数量|总数|人数|户数|面积|总量|产量|销量|产值|总值|增加值|收入|支出|营收|票房|价格|增速|增幅"
    f"|占比|比例|比重|人口|(?:化|业|生|成|格|合|盖|收|及|接|长)率){_KEYWORD_END}"
)
_NAMES_A_PERSON = re.compile(
    "(?<!对象)(?<!条件)(?<!职责)(?<!要求)(?<!介绍)(?<!一下)(?<!电话)(?<!简历)(?<!分工)(?<!优秀)(?<![名致给:])\\s*"
    "(?:记者|通讯员|作者|责任编辑|主持人|报告人|发言人|[市县区党]委书记|党组书记|[市县区镇乡局校院厂会科处部站队]长|董事长|总经理)"
    f"(?:是|\\s*(?:名字|姓名))?{_KEYWORD_END}"
)
# Who holds, publishes or builds something may be an office or a company; a place or a company has a name as well.
# Who wins may be a team.
_PERSON = re.compile(
    r"(?<!赢)(?<![打击]败)(?<!战胜)(?<!输给)(?<!输给了)(?<!打败了)(?<!击败了)(?<!战胜了)(?<!冠军是)谁(?!家)(?!的?(?:更|比较)?[大小多少高低快慢强](?:一?[些点])?(?:\W|$))"
    r"(?!.{0,6}(?:主办|举办|承办|协办|发布|出台|印发|制定|制造|制作|生产|运营|赞助|建设|投资|开发|收购|并购|捐|出资|出的?钱|承建))"
    r"(?!.{0,12}(?:赢|输给|打败|击败|战胜|获胜|夺冠|对阵))|哪[一两二三四五六七八九十几]?位"
    r"|哪[一两二三四五六七八九十几]?[个名](?:学[生员]|同学|男[生孩]|女[生孩]|记者|编辑|市长|书记|局长|主任|官员|[教老]师|演员|歌手|作家|导演|球员|皇帝|国王|人(?![口群均民类种]))"
    r"|(?<=[人他她者员师生长手角孩夫妻父母子女儿兄弟姐妹友])的?(?:名字)?叫什么名字?(?=[?？。]|$)"
    r"|(?:(?<=个人)|(?<=的人)|(?<=学员)|(?<=队员)|(?<=记者)|(?<=女士)|(?<=先生))(?:的名字)?叫(?:什么|啥)(?:名字?)?(?:来着)?[呀啊呢]?(?=[?？。]|$)"
    r"|姓(?:什么|啥|甚)"
    r"|(?:^|[,;:] *|\b(?:and|or|by|of|to|for|with|from|is|was|are|were) )whom?\b"
    r"(?! (?:won|lost|beat|defeat)|.*\b(?:beat|defeat|lose|play for)\b)"
    r"|\bwhich (?:[a-z]+[ -]){0,2}?(?:person|man|woman|mayor|official|secretary|governor|director|minister|president"
    r"|leader|reporter|jou?r?nalist|editor|author|writer|photographer|teacher|student|player|actor|singer|king|queen|emperor)\b"
)
_ABOUT_A_BYLINE = re.compile(
    "记者|通讯员|采写|报道|作者|署名|撰文|供稿|写的|摄|拍|照片|编辑|[图画][片是]|\\b(?:reporter|journalist|photo|wrote|written|edit)"
)
_BYLINE = re.compile(
    "[（(](?:本[报報])?(?:[记記]者|通[讯訊][员員])[^）)]{1,40}[）)]|本[报報][记記]者[^，。；,;]{1,16}?(?:[摄攝文图圖]|报道|報道|$)"
)
_AROUND_A_NAME = re.compile(r"^[是由为叫被]|的$|\W+")
_SHORT_NAME = re.compile(f"[{IDEOGRAPHS}]{{2,7}}")
_NOBODY = re.compile(
    "(?:书记|[市县区镇乡省部局校院处科司厅行所站队组社家园站师团]?长|主任|主席|经理|总裁|总监|委员|常委|代表|记者|编辑|教授|老师|总统|总理|首相|大臣|将军|导演"
    "|[省市县区镇乡村州国洲城山湖河路街局部委会厅司处室院校馆所站店厂社团队党组军办]|公司|集团|大学|政府|机关|部门|单位|企业|机构|中心|方面"
    "|清华|北大|清北|复旦|专家|[国本利兰亚南北东西美省市县区镇乡村籍地外]人|市民|群众|居民|人员|领导|干部|学生|同志|工人|农民|大家|人们|们|[年月日个名位次项]|会议|活动|项目|工作|资料|文章|文中)$"
)
_WHO_IS = re.compile(r"(.{2,15}?)又?是谁呀?\s*[?？。]*")
_YES_OR_NO = re.compile(
    r"(?:吗|吧|么|对不对|是不是|对吗|没错吧|是真的吧|真的吗)\s*[?？。!！]*$|是不是|是否|有没有|能不能|会不会"
    r"|(?:,\s*(?:right|correct|isn't it|didn't (?:it|they|he|she)))\s*\?*$"
    r"|^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b"
)
_OPEN = re.compile(
    r"多少|几[个名家位次项月号]|谁|哪|什么|为何|如何|怎[么样]|为什么|为啥|咋|啥|干嘛|图什么|图啥"
    r"|^(?:can|could|would|will|do) you\b.*\b(?:who|whom|whose|which|what|where|when|why|how)\b"
)
_ENGLISH_OPEN = re.compile(
    r"(?:(?:in|on|at|by|of|for|from|and) )?(?:who|whom|whose|which|what|where|when|why|how)\b"
)
_EXPLANATION = re.compile(
    r"为什么|为啥|为何|何以|怎么(?!样)|怎样|如何|咋(?!样)|图个?(?:什么|啥)|图的是?个?(?:啥|什么)|原因|\bwhy\b"
    r"|\bhow (?!many|much|old|long|far|often|big|large)"
)
_CHOICE = re.compile(r"还是|哪个(?:更|最|比较)|\bor\b|\bwhich (?:is|of)\b")
_ITEMS = re.compile(
    r"(?:哪|是哪|分别是哪)(?P<count>[两二三四五六七八九十]|\d{1,2})(?=[个种项类大条方点样人位家天所座名道件步层篇本部])(?!个字)"
    # 前三类是什么
    r"|前(?P<first>[两二三四五六七八九十]|\d{1,2})[个种项类位名大条家](?!月|季)[^,，。?？]{0,4}?(?:是|分别)(?:是|为)?(?:什么|谁|哪)"
    # “十四五” is a name, not ten of something.
    r"|[“「『\"‘](?!十[一二三四五]五)(?:[^”」』\"’]{0,6}?)(?P<name>[两二三四五六七八九十]|(?<!\d)\d{1,2}(?!\d))(?:[个大项条]|(?=[一-鿿]))[^”」』\"’]{0,6}[”」』\"’]"
)
_NAMES_ITEMS = re.compile("分别|具体|哪|什么|叫|包括|列|which|what|name|list")
_ASKS_FOR_ONE = re.compile("哪一|哪个|什么时[候间]|何时|还有|之一|以及|出自|谁")
HOW_MANY_OF_EACH = (
    f"(?![个种类级项位地县市区乡镇村国省校方界家大行部学单金])[{IDEOGRAPHS}]{{0,6}}?(?:多少|几)"
)
"""What follows 各 where two things are asked for, 各涉及多少户; 各学校招生多少人 asks for one."""
_PARTS = re.compile(
    rf"分别|各[是为有]|各多少|各几|[和与及跟比][^?]*各{HOW_MANY_OF_EACH}|\brespectively\b|\bcompare\b"
    # What share was it in 2020, and what share in 2021?
    r"|\b(?:what|who|when|which|how (?:many|much|far|long))\b[^?.]{8,}\band (?:then )?"
    r"(?:how (?:many|much|far|long)|what (?:share|percentage|proportion|number|amount|target))\b"
)
# 两个项目分别是什么: no figures, and no persons.
_EACH_IS_A_THING = re.compile(
    "(?:分别|各)(?:[是叫为指在有]|位于|来自)?(?:什么(?!名字?|时候|水平|变化|人)|啥|哪(?!一?[年天日位]|[些几两]?[位人名]|个月))"
    # 要做强的三个产业分别是？
    "|[两二三四五六七八九十\\d]个?(?:大|项)?[一-鿿]{1,6}分别(?:是|叫|为)\\W*$"
)
_SIDE_BY_SIDE = re.compile("[、;]|和|与|以及")
_SEVERAL_PERSONS = re.compile("哪几[位名]")
_ASKING_WORD = re.compile(r"多少|(?<![哪第十百千])几[个项家名人条次位]|\bhow (?:many|much)\b")
_ITEM_END = re.compile(r"[、,;。\n]|(?<=\S)(?:以及|和|与|及)(?=\S)|\band\b|[一二三四五六七八九]是")
# 王利辉 高伟山
_NAME_END = re.compile(rf"{_ITEM_END.pattern}|(?<=[{IDEOGRAPHS}])\s+(?=[{IDEOGRAPHS}]{{2}})")
_NUMERAL = re.compile(
    r"\d|[一二两三四五六七八九十百千万半]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|dozen|hundred|thousand|million|billion|[a-z]+(?:teen|ty)"
    r"|first|second|third|(?:four|fif|six|seven|eigh|nin|ten)th)\b"
)
_SAID_TIME = re.compile(
    r"[年月日号周季春夏秋冬晨早午晚夜今明昨纪]|[朝代](?![表理码替])|[初中末晚前后时]期|\d\s*[时点]|.(?:以后|之后|以前|之前|[前后时])\W*$"
)
_SAID_CLOCK = re.compile(
    r"\b(?:1\d|20)\d\ds?\b|\d[-/:.]\d|\d\s*(?:am|pm|o'clock|bc|ad|bp)\b|\d(?:st|nd|rd|th)\b|\bago\b"
    r"|\b(?:centur|decade)|\b(?:spring|summer|autumn|winter)\b"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"|^\W*(?:when|before|after|during|until|since|in|at|on)\b"
)
_SAID_DAY = re.compile(
    r"\d\s*[日号]|\d{4}-\d\d?-\d\d?|[一二三四五六七八九十]日|月[初廿]?[一二三四五六七八九十]|[今明昨]天|\b\d{1,2}(?:st|nd|rd|th)?\b"
)
_CALENDAR_WORD = re.compile(r"\d+\s*[年月日号]")
_SOME_NUMBER = re.compile(
    "\\d|[一二两三四五六七八九十百千万]+(?:[个名人家项位所亿元]|分之)|[二两三四五六七八九十百千万]+[条次岁届座路支种年倍篇]"
)
_SOME_TIME = re.compile(
    r"\d\s*[月年]|\d+-\d+-\d+|(?<![\d.,])(?:1\d|20)\d\d(?![\d.,])|世纪|年代|[一二三四五六七八九十元][年月]|[朝代][初中末晚]?[年期]|[春夏秋冬][季天]"
)
# What is counted in these is counted in no other: 一千册 are no answer to 多少张.
_OWN_MEASURES = "张本册辆艘架棵株头匹幅枚栋幢颗"
_UNIT = re.compile(
    f"(?:多少|(?<![十百千])几)([个名人家位次项起年月天岁元万亿公里米亩户套所条座种成倍平方吨{_OWN_MEASURES}])"
)
_COUNTED_IN = re.compile(rf"[\d一二两三四五六七八九十百千万亿半]\s*[余多]?[万亿千百]*\s*([{_OWN_MEASURES}])")
_WHICH_PLACE = re.compile("哪一?[个座家所]?(镇|村|乡|县|社区|街道|小区|医院|幼儿园)")
_WHERE = re.compile(r"[在到去往于]哪(?:里|儿|(?=[?？。]*$))|什么地[方点]|何[处地](?!理)|\bwhere\b")
_WHEN = re.compile(
    r"\d+|[年月日号时点分秒]|(?:当地|北京)时间|[上下中]午|[早晚]上?|凌晨|[将于在定]|举[行办]|召开"
    r"|\b(?:on|in|at|the|it|was|is|will|be|held|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\b"
)
_NAMED_IN_FULL = ("医院", "幼儿园")
"""Places that are never named without the word; 大周 is an answer to 哪个镇."""
# 70家以上、80家以上 does not say which of them it is.
_FIGURE_ALONE = re.compile(
    rf"\W*[约近超]?过?\d[\d.]*\s*[余多]?[万亿%]*[{IDEOGRAPHS}]{{0,2}}(?:以[上下]|左右)?\W*"
)
_BETWEEN_FIGURES = re.compile(r"[、，;；和与及]|,(?!\d{3})")
_YEAR_OR_WORD = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,])|[a-z]+")
_FEWEST_PARTS = 2
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九十")} | {"两": 2}


@dataclass(frozen=True)
class Asked:
    """What a question asks for.

    Attributes:
        number: how many or how much.
        time: when.
        day: on which day; a year alone is no answer.
        person: who.
        byline: who wrote, photographed or edited it, where a person is asked for.
        explanation: why or how.
        choice: one of the things that the question names.
        yes_or_no: whether something is so; the question then holds a claim, which may be false.
        items: how many things have to be named, where the question says so.
        parts: whether several answers are asked for, one for each of several things.
        together: whether these are figures of one thing, which one sentence may have: 多少户、多少人.
        unit: the measure word that the question counts with.
        place: what kind of place is asked for: 镇 of 哪个镇.
        where: in which place, of whatever kind.
    """

    number: bool = False
    time: bool = False
    day: bool = False
    person: bool = False
    byline: bool = False
    explanation: bool = False
    choice: bool = False
    yes_or_no: bool = False
    items: int | None = None
    parts: bool = False
    together: bool = False
    unit: str | None = None
    place: str | None = None
    where: bool = False

    def may_stand_in(self, text: str) -> bool:
        """Whether ``text`` has a number, a time or a person's name, where that is what is asked for."""
        folded = fold(text)
        return (
            (self.number and has_figure(text))
            or ((self.time or self.day) and _SOME_TIME.search(folded) is not None)
            or (self.person and bool(person_names(text if self.byline else _BYLINE.sub("", text))))
        )

    def cannot_stand_in(self, text: str) -> bool:
        """Whether a number, a time or a person's name is asked for, and ``text`` has none."""
        wanted = self.number or self.time or self.day or self.person
        return (wanted and not self.may_stand_in(text)) or not self.names_the_place(text)

    def may_be_answered_from(self, text: str, words: str, question: str) -> bool:
        """Whether ``words`` of ``text`` say what is asked for; the byline says who wrote it, and no more.

        Where an amount of money or a length is asked for, ``text`` has one.
        """
        source = text if self.byline else _BYLINE.sub("", text)
        measured = measures_something_else(question, fold(text)) is None
        return (
            measured
            and self.names_the_place(text)
            and with_figures(fold(words)) in with_figures(fold(source))
            and left_unsaid(self, question, words) is None
        )

    def names_the_place(self, text: str) -> bool:
        """Whether ``text`` has a town, a village or the like, where one is asked for."""
        return self.place is None or self.place in fold(text)

    def says_the_place(self, answer: str) -> bool:
        """Whether an answer names a hospital or the like by more than its city, where one is asked for."""
        return self.place not in _NAMED_IN_FULL or self.names_the_place(answer)

    def is_counted_in(self, text: str) -> bool:
        """Whether ``text`` has a number with the measure word that the question asks with: 几个单位, 18个单位."""
        if self.unit is None:
            return False
        pattern = rf"[\d一二三四五六七八九十百千万亿半]\s*[余多]?[万亿千百]*\s*{self.unit}"
        return re.search(pattern, fold(text)) is not None


def read_question(question: str) -> Asked:
    """Return what a question asks for, in either script or in English."""
    folded = fold(question).strip()
    open_question = bool(_OPEN.search(folded))
    yes_or_no = bool(_YES_OR_NO.search(folded)) and not open_question
    unit, place = _UNIT.search(folded), _WHICH_PLACE.search(folded)
    keywords = not (open_question or yes_or_no)
    of_each = bool(_PARTS.search(folded)) or _asks_twice(folded)
    figures = len(_ASKING_WORD.findall(folded)) > 1
    return Asked(
        number=bool(_NUMBER.search(folded) or (keywords and _NAMES_A_FIGURE.search(folded))),
        time=bool(_TIME.search(folded) or (keywords and _NAMES_A_TIME.search(folded))),
        day=bool(_DAY.search(folded)),
        person=(
            bool(_PERSON.search(folded) or (keywords and _NAMES_A_PERSON.search(folded)))
            and not _is_about_somebody(folded)
        ),
        byline=bool(_ABOUT_A_BYLINE.search(folded)),
        explanation=bool(_EXPLANATION.search(folded)),
        choice=bool(_CHOICE.search(folded)),
        yes_or_no=yes_or_no,
        items=_items(folded),
        parts=of_each or figures,
        together=figures and not of_each,
        unit=unit and unit[1],
        place=place and place[1],
        where=bool(_WHERE.search(folded)) and not (_TIME.search(folded) or _NUMBER.search(folded)),
    )


def _asks_twice(folded: str) -> bool:
    """Whether each of two sentences asks for a figure, a time or a person: 采写的是谁？这位记者又报道了谁？"""
    kinds = (_NUMBER, _TIME, _DAY, _PERSON)
    sentences = re.findall(r"[^？?]+[？?]", folded)
    return sum(any(kind.search(sentence) for kind in kinds) for sentence in sentences) > 1


def _is_about_somebody(folded: str) -> bool:
    """Whether a question names a person and asks what they are: 邓兆棠是谁？"""
    named = _WHO_IS.fullmatch(folded)
    return named is not None and person_names(named[1]) == [named[1]]


def has_figure(text: str) -> bool:
    """Whether ``text`` has a number that is no date, if only a small one in words: 三所."""
    return _SOME_NUMBER.search(_CALENDAR_WORD.sub("", fold(text))) is not None


def asks(text: str) -> bool:
    """Whether ``text`` is worded as a question."""
    folded = fold(text).strip()
    return bool(_OPEN.search(folded) or _YES_OR_NO.search(folded) or _ENGLISH_OPEN.match(folded))


def _items(folded: str) -> int | None:
    for match in _ITEMS.finditer(folded):
        written = match.group("count") or match.group("first") or match.group("name")
        if match.group("name") and (not _NAMES_ITEMS.search(folded) or _ASKS_FOR_ONE.search(folded)):
            continue
        count = int(written) if written.isdigit() else _DIGITS[written]
        if count > 1:
            return count
    return None


def left_unsaid(asked: Asked, question: str, answer: str) -> str | None:
    """Return what the question asks for and the answer does not say: a number, a time, a person, an amount…"""
    said = fold(answer)
    for date in _CALENDAR_WORD.findall(fold(question)):
        said = said.replace(date, "")  # repeating the year that was asked about says nothing
    if asked.number and not _NUMERAL.search(_without_words_of(question, said)):
        return "a number was asked for"
    counted_in = set(_COUNTED_IN.findall(said))
    if asked.unit and asked.unit in _OWN_MEASURES and counted_in and asked.unit not in counted_in:
        return "something else is counted"
    if asked.number and not asked.parts and asked.items is None and _names_several_figures(said):
        return "one figure was asked for"
    if asked.time and not asked.number and not (_SAID_TIME.search(said) or _SAID_CLOCK.search(said)):
        return "a time was asked for"
    if asked.day and not _SAID_DAY.search(said):
        return "a day was asked for"
    ends = _NAME_END if asked.person else _ITEM_END
    named = [part for part in ends.split(said) if re.search(r"\w", part)]
    values = len(_values(said, question))
    if _EACH_IS_A_THING.search(fold(question)) and not asked.number:
        values = max(values, len(_SIDE_BY_SIDE.split(said.strip(" 、;和与"))))
    if asked.parts and values < _FEWEST_PARTS:
        return "several answers were asked for"
    if asked.person and not _names_somebody(answer, question):
        return "a person was asked for"
    if not asked.says_the_place(answer) or (asked.where and _says_only_when(said, question)):
        return "a place was asked for"
    wanted = measures_something_else(question, said)
    if wanted is not None:
        return f"{DIMENSION_NAMES[wanted]} was asked for"
    if asked.person and len(named) < _FEWEST_PARTS and _SEVERAL_PERSONS.search(fold(question)):
        return "several answers were asked for"
    if asked.items is not None and len(named) < asked.items:
        return f"{asked.items} things were asked for"
    return None


def _names_several_figures(said: str) -> bool:
    """Whether an answer is nothing but different figures side by side."""
    parts = [part for part in _BETWEEN_FIGURES.split(said) if part.strip()]
    return len(set(parts)) > 1 and all(_FIGURE_ALONE.fullmatch(part) for part in parts)


def _says_only_when(said: str, question: str) -> bool:
    """Whether an answer has nothing but a time and words of the question: 当地时间19日举行."""
    words = re.compile(f"[{IDEOGRAPHS}]|[a-z]+")
    added = set(words.findall(_WHEN.sub("", said))) - set(words.findall(fold(question)))
    return re.search(r"\d", said) is not None and not added


def _names_somebody(answer: str, question: str) -> bool:
    """Whether an answer names a person: known by its form, or short, new, and no office, body or place."""
    if person_names(answer) or new_latin_names(answer, question):
        return True
    said = _AROUND_A_NAME.sub("", fold(answer))
    return bool(_SHORT_NAME.fullmatch(said)) and said not in fold(question) and not _NOBODY.search(said)


def _without_words_of(question: str, said: str) -> str:
    """Return ``said`` without the years and the words in Latin letters that the question has: "in 2020"."""
    repeated = set(_YEAR_OR_WORD.findall(fold(question)))
    return _YEAR_OR_WORD.sub(lambda word: "" if word[0] in repeated else word[0], said)


def _values(said: str, question: str) -> set[str]:
    """Return the different numbers and names of an answer that the question did not bring up."""
    brought_up = {number.key for number in numbers(question)}
    found = {str(number.value) for number in numbers(said) if number.key not in brought_up}
    return found | {name for name in person_names(said) if name not in fold(question)}
