"""Names of persons in Chinese and English text: enough to tell a person from an office or a place."""

from __future__ import annotations

import re

from index.characters import IDEOGRAPHS
from index.folding import fold
from rag.follow_up_patterns import PLACES
from rag.foreign_names import foreign_names, is_place

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章"
    "鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈"
    "饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣"
    "巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀庾衣信展阴昝智幸奉植衡富尧闭"
)
_COMPOUND = (
    "耶律|完颜|宇文|长孙|呼延|拓跋|爱新觉罗|叶赫那拉|陈方|范徐"
    "|欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|夏侯|端木|百里|南宫|独孤"
)
_TITLES = (
    "书记|市长|县长|区长|镇长|乡长|省长|部长|局长|主任|主席|会长|院长|校长|园长|处长|科长|司长|厅长|行长"
    "|所长|站长|队长|班长|组长|社长"
    "|董事长|总经理|经理|总裁|总监|秘书长|理事长|委员|常委|代表|记者|编辑|摄影|教授|研究员|讲师|教师|老师|医生|护士|工程师|育婴师|指导师|律师"
    "|总统|总理|首相|外长|议长|大臣|大使|将军|司令|导演|演员|歌手|作家|诗人|画家|球员|选手|教练|主帅|运动员|冠军|发言人|创始人"
    "|院士|博士|学者|专家|议员|法官|检察官|民警|司机"
    "|员|者|长|师|人|兼|同志|先生|女士|同学"
)
_PUNCTUATION = r"\s、,，。:：;；“”\"'()（）《》"
_BEFORE = rf"(?:^|[{_PUNCTUATION}]|和|与|及|由|是|叫|为|请|{_TITLES})"
_DOES = (
    "主持|出席|参加|拍|摄|说|介绍|表示|担任|任|作|做|就|向|赴|率|部署|指出|强调|要求|调研|考察|检查|督导|陪同|带领|致辞|讲话|发言"
    "|宣布|宣读|告诉|负责|汇报|领导|坦言|透露|回忆|认为|解释|补充|感慨|接受|当选|荣获|获得|获评|徒步|带队|牵头|申报|缺席|分管|兼任|连任"
    "|赶到|来到|走访|看望|慰问|会见|听取|签署"
)
_AFTER = rf"(?=$|[{_PUNCTUATION}]|和|与|及|等|的|在|{_DOES}|{_TITLES})"
_CHINESE_NAME = re.compile(
    rf"{_BEFORE}(?P<name>(?:{_COMPOUND})[{IDEOGRAPHS}]{{1,2}}|[{_SURNAMES}][{IDEOGRAPHS}]{{1,2}}){_AFTER}"
)
# 市审计局局长 庾文曦: whatever the surname.
_AFTER_A_TITLE = re.compile(
    r"(?:书记|主任|主席|经理|院士|教授|记者|[局市县区镇乡院校处科厅行所站会]长)[ \u3000]+"
    "(?!会议|报告|讲话|介绍|致[辞词]|发言|主持|出席|参加|汇报|表示|办公|信箱|电话|热线|接待|名单|任命|职责)"
    rf"(?P<name>[{IDEOGRAPHS}]{{2,3}})(?=$|[{_PUNCTUATION}])"
)
# 建国 is a given name, and 松年; 全国, 韩国, 向全国 and 经全年 are none.
_BEFORE_A_TIME = (
    r"\d一二三四五六七八九十两几今去明后前每全近多整周当同次常往本上下个数青少中老成末初"
    "昨翌该腊节生"
)
_NO_NAME = re.compile(
    f"(?:{_TITLES}|市|县|区|省|镇|乡|村|局|部|委|会|团|院|校|社|司|厅|处|室|内|外|上|下|(?:^.|[其之当程会路途集高初])中|(?:^.|[全我中各])国"
    f"|(?:^.|^[于和计与][今去昨前当次同每本新来历元]|[{_BEFORE_A_TIME}])[年月日]|们)$"
    "|^(?:成功|连续|连夜|全[票面体程力]|高票|单[位独]|项目|计划|平台|公[安众交示]|[居农]民|方面|时间|金[牌奖]|严重|车[辆队]|宣传[月日]|纪念日|国庆日|车展日|党建年|贺新年|元首|国王)"
    f"|^(?:{PLACES})$"
)
_LATIN_NAME = re.compile(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)+\b")
_LATIN_WORD = re.compile(r"\b[A-Za-z][\w.'-]+")
_LATIN_BUT_NO_NAME = re.compile(
    "the|its?|this|that|these|those|s?he|they|his|her|their|there|an|in|on|at|by|of|for|from|and|or|according|yes|not?"
    "|mayor|secretary|party|vice|deputy|director|president|governor|minister|chairman|reporter|journalist|editor|official"
    "|leader|committee|government|city|county|district|province|company"
)


def person_names(text: str) -> list[str]:
    """Return what may be names of persons in ``text``, in reading order; Chinese ones in simplified script."""
    folded = fold(text)
    chinese = [
        match.group("name")
        for match in (*_CHINESE_NAME.finditer(folded), *_AFTER_A_TITLE.finditer(folded))
        if not _NO_NAME.search(match.group("name"))
    ]
    found = dict.fromkeys([*chinese, *foreign_names(folded), *_LATIN_NAME.findall(text)])
    return [name for name in found if not is_place(name)]


def new_latin_names(answer: str, question: str) -> list[str]:
    """Return the capitalised words of ``answer`` that may be names and that ``question`` does not have: Miller."""
    asked = {word.lower() for word in _LATIN_WORD.findall(question)}
    new = (word for word in _LATIN_WORD.findall(answer) if word[0].isupper() and word.lower() not in asked)
    return [word for word in new if not _LATIN_BUT_NO_NAME.fullmatch(word.lower())]
